#pragma once
// Runs with known results, to be compared.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "experiments/compare/comparison.h"

namespace genmatch {

/// A finished run that found these numbers in 90 s and 250 MB.
inline Result run(uint64_t seed, const std::map<std::string, double>& metrics) {
  Result result;
  result.seed = seed;
  for (const auto& [metric, value] : metrics) result.metrics[metric] = {value, 0.1, 100};
  result.seconds = {{"training", 80}, {"evaluation", 10}};
  result.peak_mb = 250;
  return result;
}

/// A variant with this nll at seeds 0, 1, 2, …
inline VariantResults variant(const std::string& label, const std::vector<double>& nll) {
  VariantResults v{label, {}};
  for (std::size_t seed = 0; seed < nll.size(); ++seed) v.runs.push_back(run(seed, {{"nll", nll[seed]}}));
  return v;
}

/// The same with a baseline's nll at each seed.
inline VariantResults with_baseline(VariantResults v, const std::string& name, const std::vector<double>& nll) {
  for (std::size_t i = 0; i < nll.size(); ++i) v.runs.at(i).baselines[name]["nll"] = {nll[i], 0.1, 100};
  return v;
}

inline ListOf<PublishedRow> published(const std::vector<PublishedRow>& rows) {
  ListOf<PublishedRow> list;
  for (const PublishedRow& row : rows) {
    list.append("", {});
    list.items.back().value = row;
  }
  return list;
}

}  // namespace genmatch
