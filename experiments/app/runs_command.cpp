#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/app/commands.h"
#include "experiments/report/text.h"
#include "experiments/store/run_index.h"

namespace genmatch {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

double total_seconds(const Result& result) {
  double total = 0;
  for (const auto& [stage, seconds] : result.seconds) total += seconds;
  return total;
}

json to_json(const IndexedRun& run) {
  const RunRecord& r = run.record;
  return {{"path", run.path},         {"name", r.name},
          {"variant", r.variant},     {"seed", r.seed},
          {"status", r.status},       {"created", r.created},
          {"data_hash", r.data_hash}, {"result", run.result ? to_json(*run.result) : json(nullptr)}};
}

std::string metrics_text(const IndexedRun& run) {
  std::vector<std::string> all;
  if (run.result)
    for (const auto& [metric, value] : run.result->metrics) all.push_back(metric + " " + format_estimate(value));
  return fmt::format("{}", fmt::join(all, ", "));
}

std::string table(const std::vector<IndexedRun>& runs) {
  std::vector<std::vector<std::string>> rows;
  for (const IndexedRun& run : runs) {
    const RunRecord& r = run.record;
    rows.push_back({r.created, r.name, r.variant, std::to_string(r.seed), r.status, metrics_text(run),
                    run.result ? format_seconds(total_seconds(*run.result)) : "", run.path});
  }
  return format_table({"created", "name", "variant", "seed", "status", "test", "time", "run"}, rows);
}

// Two columns for each metric that any of the runs has.
std::string csv(const std::vector<IndexedRun>& runs) {
  std::set<std::string> metrics;
  for (const IndexedRun& run : runs)
    if (run.result)
      for (const auto& [metric, value] : run.result->metrics) metrics.insert(metric);
  std::string text = "created,name,variant,seed,status,seconds,run";
  for (const std::string& metric : metrics) text += "," + csv_cell(metric) + "," + csv_cell(metric + "_sem");
  text += "\n";
  for (const IndexedRun& run : runs) {
    const RunRecord& r = run.record;
    text += fmt::format("{},{},{},{},{},{},{}", r.created, csv_cell(r.name), csv_cell(r.variant), r.seed, r.status,
                        run.result ? csv_cell(total_seconds(*run.result)) : "", csv_cell(run.path));
    for (const std::string& metric : metrics) {
      const bool known = run.result && run.result->metrics.count(metric) > 0;
      const Estimate value = known ? run.result->metrics.at(metric) : Estimate{std::nan(""), std::nan(""), 0};
      text += "," + csv_cell(value.mean) + "," + csv_cell(value.sem);
    }
    text += "\n";
  }
  return text;
}

std::string nothing_found(const std::string& root, bool any) {
  if (!any) return root + ": no runs yet; `genmatch run FILE` makes one\n";
  return root + ": no run matches; `genmatch runs` without filters lists all\n";
}

}  // namespace

int runs_command(const RunsArguments& a) {
  const std::string root = a.root.empty() ? "runs" : a.root;
  std::vector<IndexedRun> runs;
  bool any = false;
  if (!a.root.empty() || fs::is_directory(root)) {
    RunIndex index(root);
    if (a.rebuild)
      index.rebuild();
    else
      index.synchronise();
    runs = index.find(a.filter);
    any = !runs.empty() || !index.find({}).empty();
  }
  const std::size_t found = runs.size();
  if (a.limit && found > *a.limit) runs.resize(*a.limit);
  if (a.json) {
    json all = json::array();
    for (const IndexedRun& run : runs) all.push_back(to_json(run));
    fmt::print("{}\n", all.dump(2));
  } else if (a.csv) {
    fmt::print("{}", csv(runs));
  } else if (found == 0) {
    fmt::print("{}", nothing_found(root, any));
  } else {
    fmt::print("{}", table(runs));
    if (found > runs.size()) fmt::print("… and {} more\n", found - runs.size());
  }
  return 0;
}

}  // namespace genmatch
