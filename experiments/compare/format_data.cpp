#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "experiments/compare/table_text.h"
#include "experiments/report/text.h"

namespace genmatch {

using nlohmann::json;

namespace {

std::string csv_line(const ComparisonRow& row, const std::string& metric) {
  const auto found = row.metrics.find(metric);
  const Spread value = found == row.metrics.end() ? Spread{std::nan(""), std::nan(""), 0, {}} : found->second;
  const auto mean = [](const std::optional<Spread>& s) { return s ? csv_cell(s->mean) : ""; };
  std::string line =
      fmt::format("{},{},{},{},{},{},{},{}", csv_cell(row.label), to_string(row.kind), csv_cell(metric),
                  csv_cell(value.mean), csv_cell(value.sd), value.n, mean(row.seconds), mean(row.peak_mb));
  for (const std::string& text : {row.cite, row.verified, row.protocol}) line += "," + csv_cell(text);
  return line + "\n";
}

// Numbers that are not finite become null when they are written.
json to_json(const Spread& spread) {
  json by_seed = json::object();
  for (const auto& [seed, value] : spread.by_seed) by_seed[std::to_string(seed)] = value;
  return {{"mean", spread.mean}, {"sd", spread.sd}, {"n", spread.n}, {"by_seed", by_seed}};
}

json to_json(const ComparisonRow& row) {
  json j = {{"label", row.label}, {"kind", to_string(row.kind)}, {"metrics", json::object()}};
  for (const auto& [metric, value] : row.metrics) j["metrics"][metric] = to_json(value);
  if (row.seconds) j["seconds"] = to_json(*row.seconds);
  if (row.peak_mb) j["peak_mb"] = to_json(*row.peak_mb);
  if (row.kind != ComparisonRow::Kind::published) return j;
  j.update({{"cite", row.cite}, {"verified", row.verified}, {"protocol", row.protocol}});
  return j;
}

json to_json(const Leader& leader, const std::vector<ComparisonRow>& rows) {
  const auto place = [&](std::size_t i) { return json{{"row", i}, {"label", rows[i].label}}; };
  json j = {{"best", place(leader.best)}, {"next", nullptr}, {"test", nullptr}};
  j["higher_is_better"] = leader.higher_is_better;
  if (!leader.next) return j;
  const PairedTest& t = leader.test;
  j["next"] = place(*leader.next);
  j["test"] = {{"difference", t.difference}, {"sem", t.sem}, {"n", t.n}, {"p", t.p}};
  return j;
}

}  // namespace

std::string format_csv(const Comparison& comparison) {
  std::string text = "label,kind,metric,mean,sd,n,seconds,peak_mb,cite,verified,protocol\n";
  for (const ComparisonRow& row : comparison.rows) {
    for (const std::string& metric : comparison.metrics)
      // A variant that failed still has its lines; others only those of what was measured.
      if (row.kind == ComparisonRow::Kind::variant || row.metrics.count(metric) > 0) text += csv_line(row, metric);
    if (comparison.metrics.empty()) text += csv_line(row, "");
  }
  return text;
}

std::string format_json(const Comparison& comparison) {
  json j = {{"metrics", comparison.metrics}, {"rows", json::array()}, {"leaders", json::object()}};
  for (const ComparisonRow& row : comparison.rows) j["rows"].push_back(to_json(row));
  for (const auto& [metric, leader] : comparison.leaders) j["leaders"][metric] = to_json(leader, comparison.rows);
  j["notes"] = comparison.notes;
  return j.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace genmatch
