#include "experiments/compare/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "core/errors.h"
#include "experiments/compare/baseline_rows.h"

namespace genmatch {

namespace {

using Kind = ComparisonRow::Kind;

ComparisonRow variant_row(const VariantResults& variant) {
  std::map<std::string, std::map<uint64_t, double>> metrics;
  std::map<uint64_t, double> seconds, peak_mb;
  for (const Result& run : variant.runs) {
    if (!peak_mb.emplace(run.seed, run.peak_mb).second)
      throw ContractError(fmt::format("compare_results: one run per seed expected, \"{}\" has two of seed {}",
                                      variant.label, run.seed));
    for (const auto& [metric, value] : run.metrics) metrics[metric][run.seed] = value.mean;
    for (const auto& [stage, value] : run.seconds) seconds[run.seed] += value;
  }
  ComparisonRow row;
  row.label = variant.label;
  for (const auto& [metric, values] : metrics) row.metrics[metric] = spread_over_seeds(values);
  if (!seconds.empty()) row.seconds = spread_over_seeds(seconds);
  if (!peak_mb.empty()) row.peak_mb = spread_over_seeds(peak_mb);
  return row;
}

// A paper states its numbers metric by metric; its method is one row unless a metric comes twice.
void add_published(std::vector<ComparisonRow>& rows, const PublishedRow& p) {
  const auto what = [](const ComparisonRow& r) { return std::tie(r.label, r.cite, r.verified, r.protocol); };
  const auto same = [&](const ComparisonRow& r) {
    return r.kind == Kind::published && what(r) == std::tie(p.method, p.cite, p.verified, p.protocol) &&
           r.metrics.count(p.metric) == 0;
  };
  auto row = std::find_if(rows.begin(), rows.end(), same);
  if (row == rows.end()) {
    row = rows.insert(rows.end(), ComparisonRow{p.method, Kind::published, {}, {}, {}, p.cite, p.verified, p.protocol});
  }
  row->metrics[p.metric] = Spread{p.mean, p.spread.value_or(std::nan("")), 0, {}};
}

std::vector<std::string> columns(const std::vector<ComparisonRow>& rows) {
  std::vector<std::string> metrics;
  for (const ComparisonRow& row : rows)
    for (const auto& [metric, value] : row.metrics)
      if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) metrics.push_back(metric);
  return metrics;
}

// Our rows that have a value, the best first.
std::vector<std::size_t> ranking(const std::vector<ComparisonRow>& rows, const std::string& metric, bool higher) {
  std::vector<std::size_t> order;
  int64_t seeds = 0;  // of the variant with the most
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto value = rows[i].metrics.find(metric);
    if (rows[i].kind == Kind::published || value == rows[i].metrics.end() || value->second.n == 0) continue;
    order.push_back(i);
    if (rows[i].kind == Kind::variant) seeds = std::max(seeds, value->second.n);
  }
  const auto key = [&](std::size_t i) {
    const Spread& value = rows[i].metrics.at(metric);
    return std::make_pair(value.n < seeds, higher ? -value.mean : value.mean);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return order;
}

std::optional<Leader> leader(const std::vector<ComparisonRow>& rows, const std::string& metric, bool higher) {
  const std::vector<std::size_t> order = ranking(rows, metric, higher);
  if (order.empty()) return {};
  Leader leader;
  leader.best = order[0];
  leader.higher_is_better = higher;
  if (order.size() < 2) return leader;
  leader.next = order[1];
  leader.test = paired_test(rows[order[0]].metrics.at(metric), rows[order[1]].metrics.at(metric));
  return leader;
}

std::string seed_list(const std::vector<uint64_t>& seeds) {
  return fmt::format("{} {}", seeds.size() == 1 ? "seed" : "seeds", fmt::join(seeds, ", "));
}

// Seeds that some variant has and others lack: a line for each set of seeds, with all who lack just these.
void note_missing_seeds(const std::vector<VariantResults>& variants, std::vector<std::string>& notes) {
  std::set<uint64_t> all;
  for (const VariantResults& variant : variants)
    for (const Result& run : variant.runs) all.insert(run.seed);
  std::map<std::vector<uint64_t>, std::vector<std::string>> lacking;
  for (const VariantResults& variant : variants) {
    std::set<uint64_t> missing = all;
    for (const Result& run : variant.runs) missing.erase(run.seed);
    if (!missing.empty() || variant.runs.empty()) lacking[{missing.begin(), missing.end()}].push_back(variant.label);
  }
  for (const auto& [seeds, labels] : lacking) {
    const std::string what = seeds.size() == all.size() ? "no finished run" : "no finished run of " + seed_list(seeds);
    notes.push_back(fmt::format("{}: {}", what, fmt::join(labels, "; ")));
  }
}

void note_non_finite(const std::vector<ComparisonRow>& rows, std::vector<std::string>& notes) {
  for (const ComparisonRow& row : rows)
    for (const auto& [metric, value] : row.metrics) {
      std::vector<uint64_t> seeds;
      for (const auto& [seed, number] : value.by_seed)
        if (!std::isfinite(number)) seeds.push_back(seed);
      if (!seeds.empty())
        notes.push_back(
            fmt::format("{}: {} is not finite with {}, which counts for no mean", row.label, metric, seed_list(seeds)));
    }
}

}  // namespace

Spread spread_over_seeds(std::map<uint64_t, double> by_seed) {
  Spread spread;
  spread.by_seed = std::move(by_seed);
  double sum = 0, squares = 0;
  for (const auto& [seed, value] : spread.by_seed) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++spread.n;
  }
  const double n = static_cast<double>(spread.n);
  spread.mean = spread.n > 0 ? sum / n : std::nan("");
  for (const auto& [seed, value] : spread.by_seed)
    if (std::isfinite(value)) squares += (value - spread.mean) * (value - spread.mean);
  spread.sd = spread.n > 1 ? std::sqrt(squares / (n - 1)) : std::nan("");
  return spread;
}

std::string to_string(Kind kind) {
  return kind == Kind::variant ? "variant" : kind == Kind::baseline ? "baseline" : "published";
}

Comparison compare_results(const std::vector<VariantResults>& variants, const ListOf<PublishedRow>& published,
                           const std::map<std::string, Better>& better) {
  Comparison c;
  for (const VariantResults& variant : variants) c.rows.push_back(variant_row(variant));
  note_missing_seeds(variants, c.notes);
  for (ComparisonRow& row : baseline_rows(variants, c.notes)) c.rows.push_back(std::move(row));
  note_non_finite(c.rows, c.notes);
  for (const auto& item : published.items) add_published(c.rows, item.value);
  c.metrics = columns(c.rows);
  for (const std::string& metric : c.metrics) {
    const auto stated = better.find(metric);
    const Better which = stated == better.end() ? Better::lower : stated->second;
    if (which == Better::neither) continue;
    if (const auto first = leader(c.rows, metric, which == Better::higher)) c.leaders[metric] = *first;
  }
  return c;
}

}  // namespace genmatch
