#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/measure/density.h"
#include "core/measure/evaluation.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

struct KdeOptions {
  std::vector<double> concentrations{1, 1e7};
  int64_t grid = 12;
  std::vector<double> uniform_weights{0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};
  int64_t rows = 1000;
  void fields(Fields& f) {
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
};

// What the search moves: a concentration per factor, and the share of the uniform density.
struct Bandwidth {
  std::vector<double> log_concentrations;
  double uniform_weight = 0;
};

// Chooses the bandwidth by the likelihood of validation rows, or of train rows that each leave themselves out.
class Search {
 public:
  Search(const KdeOptions& options, const Spaces& spaces, const Splits& splits)
      : options_(options), spaces_(spaces), centres_(splits.train.x) {
    const bool leave_one_out = splits.validation.rows() == 0;
    const Table& table = leave_one_out ? splits.train : splits.validation;
    const int64_t rows = std::min(options.rows, table.rows());
    const Tensor index = at::floor_divide(at::arange(rows, at::kLong) * table.rows(), rows);
    for (const Tensor& x : table.x) rows_.push_back(x.index_select(0, index));
    if (leave_one_out) own_ = index;
    if (all_compact(spaces)) log_uniform_ = log_uniform(spaces, rows_);
    for (std::size_t f = 0; f < spaces.size(); ++f) low_.push_back(std::log(options.concentrations[0]) + log_unit(f));
    step_ = std::log(options.concentrations[1] / options.concentrations[0]) / static_cast<double>(options.grid - 1);
  }

  // A scan of all concentrations together, one of each, then Brent's method for each.
  Bandwidth best() const {
    const std::size_t factors = spaces_.size();
    Bandwidth b{low_, 0};
    scan(b, 0, factors);
    for (std::size_t f = 0; factors > 1 && f < factors; ++f) scan(b, f, f + 1);
    for (std::size_t f = 0; f < factors; ++f) refine(b, f);
    score(b);
    return b;
  }

 private:
  double log_unit(std::size_t f) const {
    if (spaces_[f]->compact() || centres_[f].size(0) < 2) return 0;
    const double variance = centres_[f].var(at::IntArrayRef{0}, /*unbiased=*/true).mean().item<double>();
    return variance > 0 ? -std::log(variance) : 0;
  }

  // Mean negative log-likelihood of the rows with the best share of the uniform density, which is left in b.
  double score(Bandwidth& b) const {
    const Tensor kernel = log_kernel_mean(spaces_, centres_, rows_, b.log_concentrations, own_);
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
  void scan(Bandwidth& b, std::size_t first, std::size_t last) const {
    double best = std::numeric_limits<double>::infinity();
    Bandwidth trial = b;
    for (int64_t i = 0; i < options_.grid; ++i) {
      for (std::size_t f = first; f < last; ++f) trial.log_concentrations[f] = low_[f] + static_cast<double>(i) * step_;
      const double value = score(trial);
      if (value >= best) continue;
      best = value;
      b = trial;
    }
  }

  void refine(Bandwidth& b, std::size_t f) const {
    Bandwidth trial = b;
    const double centre = b.log_concentrations[f], before = score(trial);
    const auto value = [&](double log_concentration) {
      trial.log_concentrations[f] = log_concentration;
      return score(trial);
    };
    const double high = low_[f] + step_ * static_cast<double>(options_.grid - 1);
    std::uintmax_t evaluations = 8;
    const auto [found, after] = boost::math::tools::brent_find_minima(
        value, std::max(centre - step_, low_[f]), std::min(centre + step_, high), /*bits=*/10, evaluations);
    if (after < before) b.log_concentrations[f] = found;
  }

  const KdeOptions& options_;
  const Spaces& spaces_;
  const State& centres_;
  State rows_;
  Tensor own_, log_uniform_;
  std::vector<double> low_;  // ln of the smallest concentration, per factor
  double step_ = 0;
};

// (1 - w)/N sum_i prod_f K_f(x, x_i; k_f) + w uniform, over the train rows x_i.
class Kde final : public Baseline {
 public:
  using Options = KdeOptions;
  explicit Kde(const Options& options) : options_(options) {
    const auto& range = options.concentrations;
    if (range.size() != 2 || !(range[0] < range[1]))
      throw OptionError("concentrations", "must be two numbers, the smallest and the largest to try");
  }

  Tensor log_density(const Spaces& spaces, const Splits& splits, const State& x) const override {
    if (!applies(spaces)) throw ContractError("kde baseline: expected manifolds, got a space without a kernel");
    if (splits.train.rows() == 0) throw DataError("kde baseline: there are no training rows");
    const Bandwidth b = Search(options_, spaces, splits).best();
    const Tensor kernel = log_kernel_mean(spaces, splits.train.x, x, b.log_concentrations);
    return all_compact(spaces) ? log_mixture(kernel, log_uniform(spaces, x), b.uniform_weight) : kernel;
  }
  bool applies(const Spaces& spaces) const override {
    return std::all_of(spaces.begin(), spaces.end(), [](const SpacePtr& s) { return s->manifold() != nullptr; });
  }

 private:
  Options options_;
};

}  // namespace

void add_kde(Catalog& c) {
  c.baselines.add<Kde>("kde", {"kernel density estimate over the training rows (von Mises–Fisher on spheres, von Mises "
                               "on tori, Gaussian on R^d) mixed with the uniform density; bandwidths by validation",
                               "Hall, Watson & Cabrera 1987, doi:10.1093/biomet/74.4.751"});
}

}  // namespace genmatch
