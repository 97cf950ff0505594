// How near a process between two Gaussians comes to the Schrödinger bridge, whose marginals are known.
#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/measure/jackknife.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "core/process/gaussian_bridge.h"
#include "core/process/space.h"
#include "core/solve/simulate.h"

namespace genmatch {
namespace {

struct BridgeOptions {
  double sigma = 1;
  std::vector<double> means{0, 0}, deviations{1, 1};
  std::string covariance = "diagonal";
  int64_t points = 10000, intervals = 20;
  void fields(Fields& f) {
    f("sigma", sigma, "noise of the reference process", at_least(0));
    f("means", means, "of each coordinate, of the source and of the data");
    f("deviations", deviations, "of each coordinate, of the source and of the data; coordinates are independent",
      above(0));
    f("covariance", covariance, "what is compared beside the means: variances, or all covariances",
      one_of({"diagonal", "full"}));
    f("points", points, "simulated paths", at_least(40));
    f("intervals", intervals, "between the times, 0 and 1 among them, whose mean is taken", at_least(1));
  }
};

// Moments of some points as sums, so that a group's can be taken away.
struct Sums {
  double n = 0;
  Tensor first, second;
};
Sums operator-(const Sums& a, const Sums& b) { return {a.n - b.n, a.first - b.first, a.second - b.second}; }

Sums sums_of(const Tensor& x) { return {static_cast<double>(x.size(0)), x.sum(0), x.t().matmul(x)}; }

// KL(N(moments) | N(truth)).
double divergence(const Sums& s, const Gaussian& truth, bool diagonal) {
  const Tensor mean = s.first / s.n, off = mean - truth.mean;
  const Tensor covariance = (s.second - s.n * at::outer(mean, mean)) / (s.n - 1);
  if (diagonal) {
    const Tensor v = truth.covariance.diagonal(), ratio = covariance.diagonal() / v;
    return 0.5 * (ratio - 1 - ratio.log() + off.square() / v).sum().item<double>();
  }
  const Tensor inverse = at::linalg_inv(truth.covariance), ratio = inverse.matmul(covariance);
  const double logs = std::get<1>(at::linalg_slogdet(covariance)).item<double>() -
                      std::get<1>(at::linalg_slogdet(truth.covariance)).item<double>();
  const double squares = off.dot(inverse.mv(off)).item<double>();
  return 0.5 * (ratio.trace().item<double>() - static_cast<double>(off.numel()) - logs + squares);
}

class BridgeKl final : public Metric {
 public:
  using Options = BridgeOptions;
  explicit BridgeKl(const Options& options) : options_(options) {
    if (options.means.size() != 2) throw OptionError("means", "two numbers expected: source and data");
    if (options.deviations.size() != 2) throw OptionError("deviations", "two numbers expected: source and data");
  }
  void check(const Spaces& spaces) const override {
    check_euclidean(spaces);
    if (spaces.size() != 1) throw OptionError("", "a single factor expected");
  }
  bool measures_fit() const override { return false; }

  // Divergences of moments are too large by about half the number of moments per path: the jackknife takes that off, so
  // that values near zero may be negative. Its groups give the standard error.
  Estimate value(Evaluation& evaluation) const override {
    constexpr int64_t groups = 20;
    const std::vector<Tensor> paths = simulated(evaluation);
    const GaussianBridge bridge = this->bridge(evaluation.spaces()[0]->event_size());
    double all = 0;
    std::vector<double> without(groups, 0.0);
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const Gaussian truth = bridge.marginal(static_cast<double>(i) / static_cast<double>(options_.intervals));
      const bool diagonal = options_.covariance == "diagonal";
      const double share = 1 / static_cast<double>(paths.size());
      const Sums total = sums_of(paths[i]);
      all += share * divergence(total, truth, diagonal);
      const std::vector<Tensor> parts = paths[i].chunk(groups);
      for (std::size_t g = 0; g < parts.size(); ++g)
        without[g] += share * divergence(total - sums_of(parts[g]), truth, diagonal);
    }
    const Tensor left_out = at::tensor(without, at::kDouble);
    constexpr double n = groups;
    return {n * all - (n - 1) * left_out.mean().item<double>(), jackknife_error(left_out), options_.points};
  }

 private:
  GaussianBridge bridge(int64_t d) const {
    const auto end = [&](std::size_t i) {
      return Gaussian{at::full({d}, options_.means[i], at::kDouble),
                      options_.deviations[i] * options_.deviations[i] * at::eye(d, at::kDouble)};
    };
    return {end(0), end(1), options_.sigma};
  }

  // The states of the process at each time, float64.
  std::vector<Tensor> simulated(Evaluation& evaluation) const {
    Rng rng(evaluation.seed(), "bridge_kl");
    std::vector<double> times;
    for (int64_t i = 0; i <= options_.intervals; ++i)
      times.push_back(static_cast<double>(i) / static_cast<double>(options_.intervals));
    evaluation.observer().stage("bridge_kl");
    const State x0 = sample_source(evaluation.factors(), options_.points, rng, evaluation.like());
    std::vector<Tensor> all;
    for (const State& x : trajectory(evaluation.generator(), genmatch::spaces(evaluation.factors()), x0, times,
                                     evaluation.stepper(), rng))
      all.push_back(x[0].to(at::kCPU, at::kDouble));
    if (!all.back().isfinite().all().item<bool>())
      throw NumericalError("bridge_kl: some paths are not finite; give sampling.stepper more steps, or train longer");
    return all;
  }

  Options options_;
};

}  // namespace

void add_bridge_kl(Catalog& c) {
  c.metrics.add<BridgeKl>(
      "bridge_kl", {"mean over times of the Kullback-Leibler divergence of the process, as a Gaussian of its moments, "
                    "from the Schrödinger bridge between two Gaussians; the bias of the moments is taken off",
                    "Shi et al. 2023, arXiv 2303.16852, sec. 6; Bunne et al. 2023, arXiv 2202.05722"});
}

}  // namespace genmatch
