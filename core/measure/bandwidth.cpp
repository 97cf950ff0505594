#include "core/measure/bandwidth.h"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/errors.h"
#include "core/measure/density.h"
#include "core/measure/kernel_table.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

// A bandwidth as the search moves it.
struct Trial {
  std::vector<double> log_concentrations;
  double uniform_weight = 0;
  Bandwidth bandwidth() const {
    Bandwidth b{{}, uniform_weight};
    for (double log_k : log_concentrations) b.concentrations.push_back(std::exp(log_k));
    return b;
  }
};

// Rows whose likelihood chooses the bandwidth: of the validation split, or train rows that each leave themselves out.
struct Judges {
  State x;
  Tensor own;  // their index among the train rows, if they are such
};

Judges judges(const Splits& splits, int64_t most) {
  constexpr int64_t table_size = 30'000'000;  // numbers of a KernelTable
  const bool leave_one_out = splits.validation.rows() == 0;
  const Table& table = leave_one_out ? splits.train : splits.validation;
  const auto factors = static_cast<int64_t>(table.x.size());
  const int64_t fit = std::max<int64_t>(1, table_size / (splits.train.rows() * factors));
  const int64_t rows = std::min({most, fit, table.rows()});
  const Tensor index = at::floor_divide(at::arange(rows, at::kLong) * table.rows(), rows);
  Judges judges;
  for (const Tensor& x : table.x) judges.x.push_back(x.index_select(0, index));
  if (leave_one_out) judges.own = index;
  return judges;
}

// The smallest and the largest concentration of a factor.
std::pair<double, double> range(const BandwidthOptions& options, const Space& space, const Tensor& train) {
  double unit = 1;
  if (!space.compact() && train.size(0) > 1) {
    const double variance = train.var(at::IntArrayRef{0}, /*unbiased=*/true).mean().item<double>();
    if (variance > 0) unit = 1 / variance;
  }
  return {options.concentrations[0] * unit, options.concentrations[1] * unit};
}

class Search {
 public:
  Search(const BandwidthOptions& options, const Spaces& spaces, const Splits& splits) : options_(options) {
    std::vector<double> largest;
    for (std::size_t f = 0; f < spaces.size(); ++f) {
      const auto [low, high] = range(options, *spaces[f], splits.train.x[f]);
      low_.push_back(std::log(low));
      largest.push_back(high);
    }
    step_ = (std::log(largest[0]) - low_[0]) / static_cast<double>(options.grid - 1);
    const Judges judges = genmatch::judges(splits, options.rows);
    table_.emplace(spaces, splits.train.x, judges.x, largest, judges.own);
    if (all_compact(spaces)) log_uniform_ = log_uniform(spaces, judges.x);
  }

  // A scan of all concentrations together, one of each, then Brent's method for each.
  Bandwidth best() const {
    const std::size_t factors = low_.size();
    Trial b{low_, 0};
    scan(b, 0, factors);
    for (std::size_t f = 0; factors > 1 && f < factors; ++f) scan(b, f, f + 1);
    for (std::size_t f = 0; f < factors; ++f) refine(b, f);
    score(b);
    return b.bandwidth();
  }

 private:
  // Mean negative log-likelihood of the rows with the best share of the uniform density, which is left in b.
  double score(Trial& b) const {
    const Tensor kernel = table_->log_mean(b.bandwidth().concentrations);
    double best = std::numeric_limits<double>::max() / 4;  // finite, because Brent's method subtracts scores
    if (!log_uniform_.defined()) return std::min(best, -kernel.mean().item<double>());
    for (double weight : options_.uniform_weights) {
      const double value = -log_mixture(kernel, log_uniform_, weight).mean().item<double>();
      if (value >= best) continue;
      best = value;
      b.uniform_weight = weight;
    }
    return best;
  }

  // Tries the grid for factors [first, last) together.
  void scan(Trial& b, std::size_t first, std::size_t last) const {
    double best = std::numeric_limits<double>::infinity();
    Trial trial = b;
    for (int64_t i = 0; i < options_.grid; ++i) {
      for (std::size_t f = first; f < last; ++f) trial.log_concentrations[f] = low_[f] + static_cast<double>(i) * step_;
      const double value = score(trial);
      if (value >= best) continue;
      best = value;
      b = trial;
    }
  }

  void refine(Trial& b, std::size_t f) const {
    Trial trial = b;
    const double centre = b.log_concentrations[f], before = score(trial);
    const auto value = [&](double log_concentration) {
      trial.log_concentrations[f] = log_concentration;
      return score(trial);
    };
    const double high = low_[f] + step_ * static_cast<double>(options_.grid - 1);
    std::uintmax_t evaluations = 12;
    const auto [found, after] = boost::math::tools::brent_find_minima(
        value, std::max(centre - step_, low_[f]), std::min(centre + step_, high), /*bits=*/10, evaluations);
    if (after < before) b.log_concentrations[f] = found;
  }

  const BandwidthOptions& options_;
  std::optional<KernelTable> table_;
  Tensor log_uniform_;
  std::vector<double> low_;  // ln of the smallest concentration, per factor
  double step_ = 0;
};

}  // namespace

void BandwidthOptions::fields(Fields& f) {
  f("concentrations", concentrations,
    "smallest and largest concentration (1/sigma^2 of the kernel) to try; on R^d relative to 1/variance of the "
    "training rows",
    above(0));
  f("grid", grid, "how many concentrations to try, evenly spaced in the logarithm, before the best is refined",
    at_least(2));
  f("uniform_weights", uniform_weights, "shares of the uniform density to try, on compact spaces",
    between(0, 1) & not_empty());
  f("rows", rows, "how many validation rows at most choose the concentrations and the share", at_least(1));
}

void BandwidthOptions::check() const {
  if (concentrations.size() != 2 || !(concentrations[0] < concentrations[1]))
    throw OptionError("concentrations", "must be two numbers, the smallest and the largest to try");
}

Bandwidth choose_bandwidth(const BandwidthOptions& options, const Spaces& spaces, const Splits& splits) {
  return Search(options, spaces, splits).best();
}

}  // namespace genmatch
