// The bridge is told by what defines it, not by its formulas.
#include "core/process/gaussian_bridge.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/rng.h"
#include "core/solve/simulate.h"
#include "tests/problems/problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

Gaussian gaussian(uint64_t seed, int64_t d) {
  Rng rng(seed, "gaussian");
  const Tensor a = rng.normal({d, d}, at::kDouble);
  return {rng.normal({d}, at::kDouble), a.matmul(a.t()) / d + 0.3 * at::eye(d, at::kDouble)};
}

Tensor joint(const GaussianBridge& bridge, const Gaussian& a, const Gaussian& b) {
  const Tensor& c = bridge.cross_covariance();
  return at::cat({at::cat({a.covariance, c}, 1), at::cat({c.t(), b.covariance}, 1)});
}

// The law of (x0, x1) is the reference's up to functions of x0 and of x1 alone, which leaves the mixed second
// derivative of its log-density: I / sigma^2.
TEST(GaussianBridge, IsTheReferenceUpToFunctionsOfEachEnd) {
  for (const int64_t d : {1, 3, 20}) {
    const Gaussian a = gaussian(1, d), b = gaussian(2, d);
    for (const double sigma : {0.3, 1., 3.}) {
      const Tensor precision = at::linalg_inv(joint(GaussianBridge(a, b, sigma), a, b));
      EXPECT_TRUE(near(-precision.narrow(0, 0, d).narrow(1, d, d), at::eye(d, at::kDouble) / (sigma * sigma), 1e-8));
    }
  }
}

// No Gaussian coupling is cheaper: moves along which the joint law stays one do not lower the cost.
TEST(GaussianBridge, WithoutNoiseItIsOptimalTransport) {
  const int64_t d = 4;
  const Gaussian a = gaussian(3, d), b = gaussian(4, d);
  const GaussianBridge bridge(a, b, 0);
  // Optimal maps are gradients of convex functions: x1 = m1 + T (x0 - m0) with T symmetric and positive.
  const Tensor map = bridge.cross_covariance().t().matmul(at::linalg_inv(a.covariance));
  EXPECT_TRUE(near(map, map.t(), 1e-9));
  EXPECT_GT(at::linalg_eigvalsh(map).min().item<double>(), 0);
  EXPECT_TRUE(near(map.matmul(a.covariance).matmul(map.t()), b.covariance, 1e-9));
  EXPECT_NEAR(GaussianBridge(a, b, 1e-4).cost(), bridge.cost(), 1e-6);
}

TEST(GaussianBridge, ItsFlowCarriesItsMarginals) {
  const int64_t d = 3;
  const Gaussian a = gaussian(5, d), b = gaussian(6, d);
  const GaussianBridge bridge(a, b, 0.8);
  const Tensor root = at::linalg_cholesky(a.covariance);
  // The flow is affine: where it takes the mean and the columns of a root of the covariance tells the law.
  const Tensor x0 = a.mean + at::cat({at::zeros({1, d}, at::kDouble), root.t()});
  const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 200}").make();
  Rng rng(1, "none");
  for (const double t : {0.25, 0.6, 1.}) {
    const Tensor x = simulate(bridge, {make_space("euclidean", d)}, {x0}, 0, t, *stepper, rng).x[0];
    const Tensor columns = x.narrow(0, 1, d) - x[0];
    EXPECT_TRUE(near(x[0], bridge.marginal(t).mean, 1e-6));
    EXPECT_TRUE(near(columns.t().matmul(columns), bridge.marginal(t).covariance, 1e-5));
  }
  EXPECT_TRUE(near(bridge.marginal(1).covariance, b.covariance, 1e-12));
}

TEST(GaussianBridge, RefusesWhatIsNoGaussian) {
  Gaussian a = gaussian(1, 2), flat = a;
  flat.covariance = at::zeros({2, 2}, at::kDouble);
  EXPECT_THROW(GaussianBridge(a, flat, 1), ContractError);
  EXPECT_THROW(GaussianBridge(a, gaussian(1, 3), 1), ContractError);
  EXPECT_THROW(GaussianBridge(a, a, -1), ContractError);
}

}  // namespace
}  // namespace genmatch
