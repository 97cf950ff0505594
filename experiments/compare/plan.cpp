#include "experiments/compare/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>
#include <set>
#include <sstream>

#include "core/data/dataset.h"
#include "core/errors.h"
#include "experiments/store/version.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

std::string row_label(const Study& study, const Variant& variant, bool several_files) {
  if (!several_files || study.variants.size() == 1) return variant.name;
  return study.base.name + ": " + variant.name;
}

bool wanted(const Variant& variant, const std::vector<std::string>& only) {
  if (only.empty()) return true;
  return std::any_of(only.begin(), only.end(),
                     [&](const std::string& o) { return o == variant.name || o == variant.slug; });
}

// A name that none of the files has is a slip; find_variant tells what it could have been.
void check_selection(const std::vector<Study>& studies, const std::vector<std::string>& only) {
  for (const std::string& name : only) {
    const bool known = std::any_of(studies.begin(), studies.end(), [&](const Study& s) {
      return std::any_of(s.variants.begin(), s.variants.end(), [&](const Variant& v) { return wanted(v, {name}); });
    });
    if (!known) find_variant(studies.front(), name);
  }
}

RunKeys keys(const Variant& variant, uint64_t seed, const std::string& data_hash, const Catalog& catalog) {
  ExperimentOptions options = variant.options;
  options.seed = static_cast<int64_t>(seed);
  return run_keys(options, catalog, data_hash, program_version());
}

std::map<std::string, Better> which_are_better(const std::vector<Study>& studies) {
  std::map<std::string, Better> better;
  for (const Study& study : studies)
    for (const Variant& variant : study.variants) {
      const std::vector<std::string> metrics = metric_names(variant.options);
      for (std::size_t i = 0; i < metrics.size(); ++i)
        better.emplace(metrics[i], variant.options.metrics.items[i].make()->better());
    }
  return better;
}

}  // namespace

std::vector<PlannedRun> plan_runs(const std::vector<Study>& studies, const Selection& selection,
                                  const Catalog& catalog) {
  check_selection(studies, selection.only);
  std::vector<PlannedRun> plan;
  std::map<std::string, std::string> rows;  // label -> file
  for (const Study& study : studies) {
    const std::string folder = fs::absolute(study.file).parent_path().string();
    for (const Variant& variant : study.variants) {
      if (!wanted(variant, selection.only)) continue;
      const std::string row = row_label(study, variant, studies.size() > 1);
      const auto [same, is_new] = rows.emplace(row, study.file);
      if (!is_new)
        throw ConfigError(fmt::format("{}: its row \"{}\" is also one of {}; give one of them another `name`",
                                      study.file, row, same->second));
      const std::string data_hash = build_dataset(variant.options, folder)->hash();
      for (const uint64_t seed : selection.seeds.empty() ? study.seeds : selection.seeds)
        plan.push_back({&study, &variant, seed, row, fmt::format("{}, seed {}", row, seed),
                        keys(variant, seed, data_hash, catalog)});
    }
  }
  return plan;
}

std::vector<uint64_t> parse_seeds(const std::string& text) {
  const ConfigError wrong("--seeds " + text +
                          ": must be a count from 1 to 10000, or different seeds with commas between them (0,4,7)");
  std::vector<uint64_t> seeds;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    int64_t seed = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
    if (error != std::errc() || end != word.data() + word.size() || seed < 0) throw wrong;
    seeds.push_back(static_cast<uint64_t>(seed));
  }
  if (text.find(',') == std::string::npos) {
    if (seeds.empty() || seeds[0] == 0 || seeds[0] > 10000) throw wrong;
    seeds.resize(seeds[0]);
    std::iota(seeds.begin(), seeds.end(), 0);
  }
  if (seeds.empty() || std::set<uint64_t>(seeds.begin(), seeds.end()).size() != seeds.size()) throw wrong;
  return seeds;
}

std::map<std::string, IndexedRun> finished_runs(const RunIndex& index) {
  RunFilter filter;
  filter.status = "finished";
  std::map<std::string, IndexedRun> runs;
  for (IndexedRun& run : index.find(filter))  // the latest first
    if (run.result && !run.record.key.empty()) runs.emplace(run.record.key, std::move(run));
  return runs;
}

Comparison tabulate(const std::vector<PlannedRun>& plan, const std::vector<Study>& studies,
                    const std::map<std::string, IndexedRun>& finished) {
  std::vector<VariantResults> rows;
  for (const PlannedRun& run : plan) {
    if (rows.empty() || rows.back().label != run.row) rows.push_back({run.row, {}});
    const auto found = finished.find(run.keys.run);
    if (found != finished.end()) rows.back().runs.push_back(*found->second.result);
  }
  ListOf<PublishedRow> published;
  std::set<std::string> seen;
  for (const Study& study : studies)
    for (const auto& item : study.base.published.items)
      if (seen.insert(item.value.method + '\n' + item.value.metric + '\n' + item.value.cite).second)
        published.items.push_back(item);
  return compare_results(rows, published, which_are_better(studies));
}

}  // namespace genmatch
