#include "experiments/store/result.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "experiments/report/text.h"
#include "experiments/store/run_folder.h"

namespace genmatch {

using nlohmann::json;

namespace {

// JSON has no NaN or infinity: null, which readers take for "no number".
json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json to_json(const Estimate& e) { return {{"mean", number(e.mean)}, {"sem", number(e.sem)}, {"n", e.n}}; }

double to_number(const json& j) { return j.is_null() ? std::nan("") : j.get<double>(); }

std::map<std::string, Estimate> to_estimates(const json& j) {
  std::map<std::string, Estimate> all;
  for (const auto& [name, e] : j.items())
    all[name] = {to_number(e.at("mean")), to_number(e.at("sem")), e.at("n").get<int64_t>()};
  return all;
}

std::vector<Statistic> to_statistics(const json& j) {
  std::vector<Statistic> all;
  for (const json& s : j) {
    all.push_back({s.at("name"), to_number(s.at("value"))});
    if (s.contains("error")) all.back().error = to_number(s.at("error"));
    if (s.contains("expected")) all.back().expected = to_number(s.at("expected"));
  }
  return all;
}

std::vector<std::string> row(const std::string& label, const std::vector<std::string>& metrics,
                             const std::map<std::string, Estimate>& values, const std::string& note) {
  std::vector<std::string> cells{label};
  for (const auto& m : metrics) {
    const auto found = values.find(m);
    cells.push_back(found == values.end() ? "-" : format_estimate(found->second));
  }
  cells.push_back(note);
  return cells;
}

std::string published_note(const PublishedRow& row) {
  std::string note = row.cite;
  if (row.verified != "code") note += ", " + row.verified;
  if (!row.protocol.empty()) note += "; " + row.protocol;
  return note;
}

}  // namespace

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts kilobytes
}

json to_json(const std::vector<Statistic>& statistics) {
  json all = json::array();
  for (const Statistic& s : statistics) {
    all.push_back({{"name", s.name}, {"value", number(s.value)}});
    if (s.error) all.back()["error"] = number(*s.error);
    if (s.expected) all.back()["expected"] = number(*s.expected);
  }
  return all;
}

json to_json(const Result& result) {
  json j = {{"name", result.name}, {"seed", result.seed}, {"peak_mb", std::round(result.peak_mb)}};
  j["metrics"] = json::object();
  for (const auto& [name, value] : result.metrics) j["metrics"][name] = to_json(value);
  j["baselines"] = json::object();
  for (const auto& [name, metrics] : result.baselines)
    for (const auto& [metric, value] : metrics) j["baselines"][name][metric] = to_json(value);
  j["seconds"] = json::object();
  for (const auto& [stage, value] : result.seconds) j["seconds"][stage] = std::round(value * 1000) / 1000;
  j["data"] = to_json(result.data);
  j["figures"] = result.figures;
  j["warnings"] = result.warnings;
  return j;
}

Result parse_result(const std::string& text, const std::string& path) {
  try {
    const json j = json::parse(text);
    Result result;
    result.name = j.at("name");
    result.seed = j.at("seed");
    result.metrics = to_estimates(j.at("metrics"));
    for (const auto& [name, metrics] : j.at("baselines").items()) result.baselines[name] = to_estimates(metrics);
    for (const auto& [stage, value] : j.at("seconds").items()) result.seconds[stage] = to_number(value);
    result.peak_mb = to_number(j.at("peak_mb"));
    if (j.contains("data")) result.data = to_statistics(j.at("data"));  // results of earlier versions have none
    result.figures = j.at("figures").get<std::vector<std::string>>();
    result.warnings = j.at("warnings").get<std::vector<std::string>>();
    return result;
  } catch (const json::exception& e) {
    throw IoError(path + ": is damaged: " + e.what());
  }
}

Result read_result(const std::string& path) { return parse_result(read_text(path), path); }

std::string result_table(const Result& result, const ExperimentOptions& options) {
  std::vector<std::string> metrics, header{""};
  for (const auto& [name, value] : result.metrics) metrics.push_back(name);
  for (const auto& m : metrics) header.push_back("test " + m);
  header.emplace_back("");
  std::vector<std::vector<std::string>> rows{row(result.name + " (this run)", metrics, result.metrics, "")};
  for (const auto& [name, values] : result.baselines) rows.push_back(row(name, metrics, values, "baseline"));
  for (const auto& item : options.published.items) {
    const PublishedRow& p = item.value;
    const Estimate value{p.mean, p.spread.value_or(std::nan("")), 0};
    rows.push_back(row(p.method, metrics, {{p.metric, value}}, published_note(p)));
  }
  return format_table(header, rows);
}

}  // namespace genmatch
