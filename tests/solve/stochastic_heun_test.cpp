// Weak order on an Ornstein-Uhlenbeck process, whose moments are known; Euler-Maruyama beside it.
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/solve/simulate.h"
#include "tests/problems/problem.h"
#include "tests/solve/build_stepper.h"

namespace genmatch {
namespace {

/// dX = -X dt + sqrt(2) dW.
class OrnsteinUhlenbeck final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    return {{-x[0], at::full_like(t, 2), {}, {}}};
  }
};

double variance_error(const std::string& stepper, int steps) {
  constexpr int64_t n = 500000;  // the standard error of the variance is 0.0017
  Rng rng(8, "diffusion");
  const auto s = build_stepper("{type: " + stepper + ", steps: " + std::to_string(steps) + "}");
  const Solution end =
      simulate(OrnsteinUhlenbeck(), {make_space("euclidean", 1)}, {at::zeros({n, 1}, at::kDouble)}, 0, 1, *s, rng);
  return end.x[0].var().item<double>() - (1 - std::exp(-2.));
}

TEST(StochasticHeun, HasWeakOrderTwo) {
  EXPECT_NEAR(std::log2(variance_error("stochastic_heun", 2) / variance_error("stochastic_heun", 4)), 2, 0.35);
  EXPECT_NEAR(std::log2(variance_error("euler", 4) / variance_error("euler", 8)), 1, 0.25);
}

TEST(StochasticHeun, DoesNotRunBackward) {
  Rng rng(8, "diffusion");
  const State x0{at::zeros({3, 1}, at::kDouble)};
  const auto s = build_stepper("stochastic_heun");
  EXPECT_THROW(simulate(OrnsteinUhlenbeck(), {make_space("euclidean", 1)}, x0, 1, 0, *s, rng), NumericalError);
}

}  // namespace
}  // namespace genmatch
