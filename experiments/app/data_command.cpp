#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/data/npz.h"
#include "core/errors.h"
#include "core/learn/checkpoint.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "experiments/app/commands.h"
#include "experiments/app/terminal.h"
#include "experiments/compare/study.h"
#include "experiments/report/text.h"
#include "experiments/store/result.h"
#include "experiments/store/version.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

struct Loaded {
  std::string name, hash;
  uint64_t seed = 0;
  Splits splits;
  double seconds = 0;
};

void check_output(const std::string& output) {
  if (output.empty()) return;
  if (fs::path(output).extension() != ".npz")
    throw ConfigError(fmt::format("--output {}: the file's name must end in .npz", output));
  for (const fs::path& file : {fs::path(output), fs::path(output).replace_extension(".json")})
    if (fs::exists(file)) throw IoError(file.string() + ": exists already and is never overwritten");
  const fs::path folder = fs::absolute(output).parent_path();
  if (!fs::is_directory(folder)) throw IoError(folder.string() + ": no such folder (for --output " + output + ")");
}

ExperimentOptions chosen_options(const DataArguments& a, const Catalog& catalog) {
  if (a.variant.empty()) return read_experiment(a.file, a.overrides, catalog);
  return find_variant(read_study(a.file, a.overrides, catalog), a.variant).options;
}

Loaded load(const DataArguments& a, const Catalog& catalog) {
  using Clock = std::chrono::steady_clock;
  const ExperimentOptions options = chosen_options(a, catalog);
  const auto dataset = build_dataset(options, fs::absolute(a.file).parent_path().string());
  Loaded data{options.name, dataset->hash(), a.seed.value_or(static_cast<uint64_t>(options.seed)), {}, 0};
  const auto began = Clock::now();
  data.splits = dataset->load(data.seed);
  data.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return data;
}

// Clouds keep their shape; rows that have a time get it as their last column, so that `npy` with `time:` reads it back.
Tensor rows(const Splits& splits, Table Splits::*part, Table Snapshot::*at_time) {
  if (splits.snapshots.empty()) {
    const State& x = (splits.*part).x;
    return x.size() == 1 ? x[0].to(at::kDouble) : side_by_side(x);
  }
  std::vector<Tensor> all;
  for (const Snapshot& s : splits.snapshots) {
    const Tensor x = side_by_side((s.*at_time).x);
    all.push_back(at::cat({x, at::full({x.size(0), 1}, s.time, x.options())}, 1));
  }
  return at::cat(all);
}

nlohmann::json to_json(const Loaded& data, const std::vector<std::pair<std::string, Tensor>>& arrays) {
  nlohmann::json j = {{"name", data.name},
                      {"seed", data.seed},
                      {"hash", data.hash},
                      {"columns", data.splits.train.columns},
                      {"statistics", to_json(data.splits.statistics)},
                      {"repeated_in_test", data.splits.repeated_in_test},
                      {"dropped_duplicates", data.splits.dropped_duplicates},
                      {"warnings", data.splits.warnings},
                      {"seconds", data.seconds},
                      {"version", version_line()}};
  for (const auto& [name, x] : arrays) j["rows"][name] = x.size(0);
  return j;
}

std::string table(const Loaded& data, const std::vector<std::pair<std::string, Tensor>>& arrays) {
  std::vector<std::vector<std::string>> lines;
  for (const auto& [name, x] : arrays) lines.push_back({name + " rows", std::to_string(x.size(0)), ""});
  for (const Statistic& s : data.splits.statistics)
    lines.push_back({s.name,
                     s.error ? fmt::format("{:.5g} ± {:.2g}", s.value, *s.error) : fmt::format("{:.5g}", s.value),
                     s.expected ? fmt::format("{:.5g}", *s.expected) : ""});
  lines.push_back({"seconds", fmt::format("{:.1f}", data.seconds), ""});
  return format_table({data.name + ", seed " + std::to_string(data.seed), "", "expected"}, lines);
}

}  // namespace

int data_command(const DataArguments& a, const Catalog& catalog) {
  check_output(a.output);
  use_threads(a.threads);
  const Loaded data = load(a, catalog);
  const std::vector<std::pair<std::string, Tensor>> arrays{
      {"train", rows(data.splits, &Splits::train, &Snapshot::train)},
      {"validation", rows(data.splits, &Splits::validation, &Snapshot::validation)},
      {"test", rows(data.splits, &Splits::test, &Snapshot::test)}};
  const std::string json = to_json(data, arrays).dump(2) + "\n";
  for (const std::string& w : data.splits.warnings) fmt::print(stderr, "warning: {}\n", w);
  fmt::print("{}", a.json ? json : table(data, arrays));
  if (a.output.empty()) return 0;
  write_file_atomically(a.output, npz_bytes(arrays));
  const std::string beside = fs::path(a.output).replace_extension(".json").string();
  write_file_atomically(beside, json);
  fmt::print(stderr, "written: {}, {}\n", a.output, beside);
  return 0;
}

}  // namespace genmatch
