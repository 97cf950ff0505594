#include "experiments/compare/baseline_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace genmatch {

namespace {

using Values = std::map<std::string, std::map<uint64_t, double>>;  // metric -> seed -> value

struct VariantGroup {
  std::vector<std::string> variants;
  Values values;
};

// Sums split over threads differ in their last digits.
bool same(double a, double b) {
  if (!std::isfinite(a) || !std::isfinite(b)) return std::isfinite(a) == std::isfinite(b);
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

bool agree(const Values& a, const Values& b) {
  for (const auto& [metric, seeds] : a) {
    const auto other = b.find(metric);
    if (other == b.end()) continue;
    for (const auto& [seed, value] : seeds) {
      const auto found = other->second.find(seed);
      if (found != other->second.end() && !same(value, found->second)) return false;
    }
  }
  return true;
}

std::map<std::string, Values> baselines_of(const VariantResults& variant) {
  std::map<std::string, Values> baselines;
  for (const Result& run : variant.runs)
    for (const auto& [name, metrics] : run.baselines)
      for (const auto& [metric, value] : metrics) baselines[name][metric][run.seed] = value.mean;
  return baselines;
}

void add_to_groups(std::vector<VariantGroup>& groups, const std::string& variant, const Values& values) {
  auto group =
      std::find_if(groups.begin(), groups.end(), [&](const VariantGroup& g) { return agree(g.values, values); });
  if (group == groups.end()) group = groups.insert(groups.end(), VariantGroup{});
  group->variants.push_back(variant);
  for (const auto& [metric, seeds] : values) group->values[metric].insert(seeds.begin(), seeds.end());
}

std::string label_of(const std::string& baseline, const VariantGroup& group, std::vector<std::string>& notes) {
  std::string label = fmt::format("{}, for {}", baseline, group.variants.front());
  if (group.variants.size() == 1) return label;
  label += fmt::format(" and {} more", group.variants.size() - 1);
  notes.push_back(fmt::format("{}: {}", label, fmt::join(group.variants, "; ")));
  return label;
}

}  // namespace

std::vector<ComparisonRow> baseline_rows(const std::vector<VariantResults>& variants, std::vector<std::string>& notes) {
  std::vector<std::string> names;
  std::map<std::string, std::vector<VariantGroup>> groups;
  for (const VariantResults& variant : variants)
    for (const auto& [name, values] : baselines_of(variant)) {
      if (groups.count(name) == 0) names.push_back(name);
      add_to_groups(groups[name], variant.label, values);
    }
  std::vector<ComparisonRow> rows;
  for (const std::string& name : names)
    for (const VariantGroup& group : groups[name]) {
      ComparisonRow row;
      row.kind = ComparisonRow::Kind::baseline;
      row.label = groups[name].size() == 1 ? name : label_of(name, group, notes);
      for (const auto& [metric, seeds] : group.values) row.metrics[metric] = spread_over_seeds(seeds);
      rows.push_back(std::move(row));
    }
  return rows;
}

}  // namespace genmatch
