#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "experiments/app/commands.h"
#include "experiments/app/find_run.h"
#include "experiments/report/text.h"
#include "experiments/store/run_scan.h"

namespace genmatch {

using nlohmann::json;

namespace {

/// What one run has and the other lacks is "-".
struct Pair {
  std::string key, first, second;
};
using Pairs = std::vector<Pair>;

/// A metric of both runs.
struct MetricPair {
  std::string metric;
  Estimate first, second;
  Estimate difference() const { return {second.mean - first.mean, std::hypot(first.sem, second.sem), 0}; }
  bool same() const { return first.mean == second.mean || (std::isnan(first.mean) && std::isnan(second.mean)); }
};

struct Compared {
  std::vector<std::string> paths;
  Pairs options, data, versions;
  std::vector<MetricPair> metrics;
  std::vector<std::string> unfinished;
};

Pairs different(const FlatOptions& first, const FlatOptions& second) {
  const std::map<std::string, std::string> other(second.begin(), second.end());
  std::map<std::string, std::string> left = other;
  Pairs pairs;
  for (const auto& [key, value] : first) {
    const auto found = other.find(key);
    if (found == other.end() || found->second != value)
      pairs.push_back({key, value, found == other.end() ? "-" : found->second});
    left.erase(key);
  }
  for (const auto& [key, value] : second)
    if (left.count(key) > 0) pairs.push_back({key, "-", value});
  return pairs;
}

FlatOptions data_of(const RunFolder& folder) {
  return {{"hash", folder.record().data_hash}, {"folder", folder.record().data_folder}};
}

FlatOptions versions_of(const RunFolder& folder) {
  FlatOptions all;
  for (const auto& version : folder.versions()) all.push_back(version);
  return all;
}

Compared compare(const std::string& first_path, const std::string& second_path) {
  const RunFolder first = RunFolder::open(first_path, false), second = RunFolder::open(second_path, false);
  Compared compared;
  compared.paths = {first_path, second_path};
  compared.options = different(flat_options(first), flat_options(second));
  compared.data = different(data_of(first), data_of(second));
  compared.versions = different(versions_of(first), versions_of(second));
  if (!first.finished()) compared.unfinished.push_back(first_path);
  if (!second.finished()) compared.unfinished.push_back(second_path);
  if (!compared.unfinished.empty()) return compared;
  const Result a = read_result(first.file("result.json")), b = read_result(second.file("result.json"));
  for (const auto& [metric, value] : a.metrics) {
    const auto found = b.metrics.find(metric);
    if (found != b.metrics.end()) compared.metrics.push_back({metric, value, found->second});
  }
  return compared;
}

json to_json(const Pairs& pairs) {
  json all = json::object();
  for (const Pair& pair : pairs) all[pair.key] = {pair.first, pair.second};
  return all;
}

json to_json(const Compared& c) {
  json metrics = json::object();
  for (const MetricPair& m : c.metrics) {
    const Estimate d = m.difference();
    metrics[m.metric] = {{"first", m.first.mean}, {"second", m.second.mean}, {"difference", d.mean}, {"sem", d.sem}};
  }
  return {{"runs", c.paths},         {"options", to_json(c.options)},
          {"data", to_json(c.data)}, {"versions", to_json(c.versions)},
          {"metrics", metrics},      {"unfinished", c.unfinished}};
}

void add_section(const std::string& title, const Pairs& pairs, std::vector<std::vector<std::string>>& rows) {
  for (const Pair& pair : pairs) rows.push_back({title + pair.key, pair.first, pair.second, ""});
}

void print(const Compared& c) {
  std::vector<std::vector<std::string>> rows;
  add_section("", c.options, rows);
  add_section("data ", c.data, rows);
  add_section("version of ", c.versions, rows);
  bool same = rows.empty() && c.unfinished.empty();
  for (const MetricPair& m : c.metrics) {
    same = same && m.same();
    rows.push_back({"test " + m.metric, format_estimate(m.first), format_estimate(m.second),
                    m.same() ? "0" : format_estimate(m.difference())});
  }
  if (same)
    fmt::print("no difference in options, data, versions and results\n");
  else if (!rows.empty())
    fmt::print("{}", format_table({"", c.paths[0], c.paths[1], c.metrics.empty() ? "" : "second - first"}, rows));
  for (const std::string& path : c.unfinished) fmt::print("{}: is not finished: its results are not compared\n", path);
}

}  // namespace

int diff_command(const std::string& first, const std::string& second, bool as_json) {
  const Compared compared = compare(find_run(first), find_run(second));
  if (as_json)
    fmt::print("{}\n", to_json(compared).dump(2));
  else
    print(compared);
  return 0;
}

}  // namespace genmatch
