// The two distances E k(x, x') + E k(y, y') - 2 E k(x, y) between the laws of x and y: with k = -|x - y| the energy
// distance, with a mean of Gaussian kernels the squared maximum mean discrepancy.
//
// Points are seen through the features of their space (R^d: themselves; spheres: in the surrounding R^(n+1); tori:
// cosines and sines), as both kernels have to be (conditionally) positive definite, which they need not be in the
// distance of the space; so they are zero for equal laws only.
#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

Tensor features(const Spaces& spaces, const State& x) {
  State parts;
  for (std::size_t f = 0; f < spaces.size(); ++f) parts.push_back(spaces[f]->features(x[f]).flatten(1));
  return at::cat(parts, 1);
}

// The mean over i != j of h(i, j) = k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i): unbiased, so that it may be
// below zero (Gretton et al. 2012, JMLR 13, eq. 4). Its variance is 4 (n - 2) / (n (n - 1)) Var E[h | i] + 2 Var h /
// (n (n - 1)) (Hoeffding), estimated by plugging in; the second term, all there is for equal laws, is its least value.
Estimate u_statistic(const Tensor& h) {
  const auto n = static_cast<double>(h.size(0));
  const Tensor off = h.clone().fill_diagonal_(0);
  const double pairs = n * (n - 1), mean = off.sum().item<double>() / pairs;
  const double spread = std::max(0., off.square().sum().item<double>() / pairs - mean * mean);
  const double second = 2 * spread / pairs, both = 4 * (off.sum(1) / (n - 1)).var().item<double>() / n;
  return {mean, std::sqrt(std::max(both - second, second)), h.size(0)};
}

template <class Kernel>
Estimate kernel_distance(Evaluation& evaluation, int64_t points, const char* metric, const Kernel& kernel) {
  const TwoSamples s = two_samples(evaluation, points, metric);
  const Spaces all = evaluation.spaces();
  const Tensor x = features(all, s.model), y = features(all, s.data);
  const auto k = [&kernel](const Tensor& a, const Tensor& b) {
    return kernel(at::cdist(a, b, 2, /*compute_mode=*/2));  // differences, not products, which cancel
  };
  const Tensor cross = k(x, y);
  return u_statistic(k(x, x) + k(y, y) - cross - cross.t());
}

// The standard error is analytic, see u_statistic.
class EnergyDistance final : public Metric {
 public:
  using Options = TwoSampleOptions;
  explicit EnergyDistance(const Options& options) : points_(options.points) {}
  void check(const Spaces& spaces) const override { check_connected(spaces); }
  Estimate value(Evaluation& evaluation) const override {
    return kernel_distance(evaluation, points_, "energy_distance", [](const Tensor& distance) { return -distance; });
  }

 private:
  int64_t points_;
};

// The standard error is analytic, see u_statistic.
class Mmd final : public Metric {
 public:
  struct Options : TwoSampleOptions {
    std::vector<double> bandwidths{0.25, 0.5, 1, 2, 4};
    void fields(Fields& f) {
      TwoSampleOptions::fields(f);
      f("bandwidths", bandwidths, "standard deviations of the Gaussian kernels that are averaged; > 0", not_empty());
    }
  };
  explicit Mmd(const Options& options) : options_(options) {
    for (const double b : options_.bandwidths)
      if (!(b > 0 && std::isfinite(b))) throw OptionError("bandwidths", "numbers above 0 expected");
  }
  void check(const Spaces& spaces) const override { check_connected(spaces); }
  Estimate value(Evaluation& evaluation) const override {
    return kernel_distance(evaluation, options_.points, "mmd", [this](const Tensor& distance) {
      Tensor sum = at::zeros_like(distance);
      for (const double b : options_.bandwidths) sum += (distance / b).square().mul(-0.5).exp();
      return sum / static_cast<double>(options_.bandwidths.size());
    });
  }

 private:
  Options options_;
};

}  // namespace

void add_kernel_metrics(Catalog& c) {
  c.metrics.add<EnergyDistance>("energy_distance", {"energy distance between samples and test rows, unbiased",
                                                    "Székely & Rizzo 2013, doi:10.1016/j.jspi.2013.03.018"});
  c.metrics.add<Mmd>("mmd", {"squared maximum mean discrepancy between samples and test rows under a mean of Gaussian "
                             "kernels, unbiased",
                             "Gretton et al. 2012, JMLR 13, lemma 6"});
}

}  // namespace genmatch
