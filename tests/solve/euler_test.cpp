// Euler's method for generators with a variance: Euler-Maruyama.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/solve/simulate.h"
#include "tests/problems/problem.h"
#include "tests/solve/build_stepper.h"

namespace genmatch {
namespace {

/// Constant variance and a linear drift (none if its rate is zero).
class Diffusion final : public Generator {
 public:
  Diffusion(double drift, double variance) : drift_(drift), variance_(variance) {}
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    Coefficients c;
    if (drift_ != 0) c.drift = drift_ * x[0];
    c.variance = at::full_like(t, variance_);
    return {c};
  }

 private:
  double drift_, variance_;
};

Solution run(const Generator& generator, const SpacePtr& space, const Tensor& x0, double to, const char* stepper) {
  Rng rng(8, "diffusion");
  return simulate(generator, {space}, {x0}, 0, to, *build_stepper(stepper), rng);
}

// dX = -X dt + sqrt(2) dW from 1: the chain x' = (1 - h) x + sqrt(2h) z has known moments.
TEST(EulerMaruyama, OrnsteinUhlenbeckChainHasItsMoments) {
  constexpr int64_t n = 40000, steps = 20;
  constexpr double h = 1. / steps, q = (1 - h) * (1 - h);
  const Tensor x =
      run(Diffusion(-1, 2), make_space("euclidean", 1), at::ones({n, 1}, at::kDouble), 1, "{type: euler, steps: 20}")
          .x[0];
  const double mean = std::pow(1 - h, steps), variance = 2 * h * (1 - std::pow(q, steps)) / (1 - q);
  EXPECT_NEAR(x.mean().item<double>(), mean, 5 * std::sqrt(variance / n));
  EXPECT_NEAR(x.var().item<double>(), variance, 5 * variance * std::sqrt(2. / n));
}

// Brownian motion on S^2: <mu, x> is an eigenfunction of the Laplacian, so its mean falls as exp(-sigma^2 t).
TEST(EulerMaruyama, BrownianMotionOnTheSphereForgetsItsStart) {
  constexpr int64_t n = 20000;
  const Tensor start = at::tensor({0., 0.6, 0.8}, at::kDouble);
  const Tensor x = run(Diffusion(0, 0.5), make_space("sphere", 2), start.expand({n, 3}).clone(), 1, "euler").x[0];
  const Tensor z = at::matmul(x, start);
  constexpr double of_step = 0.01;  // weak error of 100 steps: sigma^4 h / 6 = 4e-4
  EXPECT_NEAR(z.mean().item<double>(), std::exp(-0.5), 5 * z.std().item<double>() / std::sqrt(n) + 0.1 * of_step);
}

TEST(EulerMaruyama, DoesNotRunBackward) {
  const Tensor x0 = at::ones({2, 1}, at::kDouble);
  EXPECT_THROW(run(Diffusion(-1, 2), make_space("euclidean", 1), x0, -1, "euler"), NumericalError);
}

TEST(OtherSteppers, NameEulerForADiffusion) {
  const Tensor x0 = at::ones({2, 1}, at::kDouble);
  for (const char* stepper : {"midpoint", "heun", "rk4", "dopri5"}) {
    try {
      run(Diffusion(-1, 2), make_space("euclidean", 1), x0, 1, stepper);
      ADD_FAILURE() << stepper << " ignored the variance";
    } catch (const ContractError& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("factor 1 has a variance: use the stepper euler"));
    }
  }
}

}  // namespace
}  // namespace genmatch
