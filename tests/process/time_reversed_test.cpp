#include "core/process/time_reversed.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/process/gaussian_bridge.h"
#include "core/rng.h"
#include "core/solve/simulate.h"
#include "tests/problems/problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr double kSigma = 0.8;

std::shared_ptr<const GaussianBridge> bridge() {
  const auto one = [](double mean, double variance) {
    return Gaussian{at::full({1}, mean, at::kDouble), at::full({1, 1}, variance, at::kDouble)};
  };
  return std::make_shared<GaussianBridge>(one(-1, 0.5), one(2, 2), kSigma);
}

/// The bridge as a diffusion: its flow, and Langevin dynamics beside it.
class Diffusion final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    const double now = t[0].item<double>();
    const Tensor drift = bridge_->velocity(x[0], now) + 0.5 * kSigma * kSigma * bridge_->score(x[0], now);
    return {{drift, at::full_like(t, kSigma * kSigma), {}, {}}};
  }
  GeneratorPtr carrying_part() const override { return bridge_; }

 private:
  std::shared_ptr<const GaussianBridge> bridge_ = bridge();
};

TEST(TimeReversed, OfAFlowIsTheFlowBackward) {
  const TimeReversed backward(bridge());
  const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 100}").make();
  const Spaces line{make_space("euclidean", 1)};
  Rng rng(1, "none");
  const State x0{at::linspace(-3, 3, 7, at::kDouble).unsqueeze(1)};
  const State x1 = simulate(*bridge(), line, x0, 0, 1, *stepper, rng).x;
  EXPECT_TRUE(near(simulate(backward, line, x1, 0, 1, *stepper, rng).x[0], x0[0], 1e-7));
}

// Mean and variance at s = 0.5 and 1 are those of the bridge at t = 0.5 and 0; so is the law of both ends together.
TEST(TimeReversed, OfADiffusionHasItsMarginalsAndItsCoupling) {
  constexpr int64_t n = 40000;
  constexpr double bias = 0.02;  // of 200 Euler steps
  const auto exact = bridge();
  const Gaussian end = exact->marginal(1), middle = exact->marginal(0.5), start = exact->marginal(0);
  Rng rng(2, "reversed");
  const auto root = [](const Gaussian& g) { return std::sqrt(g.covariance.item<double>()); };
  const State x1{end.mean + root(end) * rng.normal({n, 1}, at::kDouble)};
  const auto stepper = chosen<StepperChoice>("{type: euler, steps: 200}").make();
  const TimeReversed backward(std::make_shared<Diffusion>());
  const Spaces line{make_space("euclidean", 1)};
  const std::vector<State> path = trajectory(backward, line, x1, {0, 0.5, 1}, *stepper, rng);
  for (const auto& [x, law] : {std::pair{path[1][0], middle}, {path[2][0], start}}) {
    EXPECT_NEAR(x.mean().item<double>(), law.mean.item<double>(), 5 * root(law) / std::sqrt(n) + bias);
    EXPECT_NEAR(x.var().item<double>() / law.covariance.item<double>(), 1, 5 * std::sqrt(2. / n) + bias);
  }
  const double covariance = ((path[2][0] - start.mean) * (x1[0] - end.mean)).mean().item<double>();
  EXPECT_NEAR(covariance, exact->cross_covariance().item<double>(),
              5 * root(start) * root(end) / std::sqrt(n) * 1.5 + bias);
}

TEST(TimeReversed, NeedsAProcess) { EXPECT_THROW(TimeReversed(nullptr), ContractError); }

}  // namespace
}  // namespace genmatch
