#pragma once
// The arithmetic of a table: finished runs, baselines and published rows side by side.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/experiment.h"
#include "core/measure/better.h"
#include "experiments/store/result.h"

namespace genmatch {

/// The finished runs of one variant.
struct VariantResults {
  std::string label;
  std::vector<Result> runs;  ///< one per seed
};

/// A number over seeds.
struct Spread {
  double mean = 0;  ///< of the finite values; NaN if there is none
  double sd = 0;  ///< sample standard deviation (n - 1); NaN for n < 2. What the paper means by it for a published row
  int64_t n = 0;  ///< finite values; 0 for a published row
  std::map<uint64_t, double> by_seed;  ///< with those that are not finite
};

/// Mean, standard deviation and count of the finite values among those of each seed.
Spread spread_over_seeds(std::map<uint64_t, double> by_seed);

struct ComparisonRow {
  enum class Kind { variant, baseline, published };
  std::string label;
  Kind kind = Kind::variant;
  std::map<std::string, Spread> metrics;   ///< an entry for each metric that was measured, even if it failed (n = 0)
  std::optional<Spread> seconds, peak_mb;  ///< of one run; absent for what we did not run
  std::string cite, verified, protocol;    ///< of a published row
};

/// A two-sided paired t-test (Student 1908) over the seeds at which two rows have finite values.
struct PairedTest {
  double difference = 0;  ///< mean of (second - first); NaN for n = 0
  double sem = 0;         ///< its standard error; NaN for n < 2
  int64_t n = 0;          ///< seeds in common
  double p = 1;           ///< NaN for n < 2; 0 where all differences are equal and not 0, 1 where all are 0
};
PairedTest paired_test(const Spread& first, const Spread& second);

/// Who leads in one metric among our own rows (variants and baselines), and by how much.
struct Leader {
  std::size_t best = 0;             ///< row
  std::optional<std::size_t> next;  ///< row of the second best of ours
  PairedTest test;                  ///< best against next
  bool higher_is_better = false;
};

struct Comparison {
  std::vector<std::string> metrics;  ///< columns, in the order of first appearance, those of a row by name
  std::vector<ComparisonRow> rows;   ///< variants, then baselines, then published
  std::map<std::string, Leader> leaders;
  std::vector<std::string> notes;  ///< e.g. seeds that a variant lacks
};

/// Puts a table together. A baseline has one row where it gives every variant the same numbers for the same seed, else
/// one for each that differs ("kde, for wide"). Rows without a single finished run show as empty. Values that are not
/// finite count for no mean: a note names them. `better` tells what is better of a metric, lower unless it is named;
/// where neither is, nobody leads. A row with fewer values than some variant ranks behind all that have as many: the
/// seeds that failed would flatter it. Published rows of the same method, citation and protocol become one.
/// ContractError if a variant has a seed twice.
Comparison compare_results(const std::vector<VariantResults>& variants, const ListOf<PublishedRow>& published,
                           const std::map<std::string, Better>& better);

/// "variant", "baseline", "published".
std::string to_string(ComparisonRow::Kind kind);

/// The table in one of the formats "terminal", "markdown", "csv", "latex", "json"; ConfigError for another. CSV has one
/// line per row and metric with full precision; the others mark the best of ours in each column, and state the tests
/// below.
std::string format_comparison(const Comparison& comparison, const std::string& format);

}  // namespace genmatch
