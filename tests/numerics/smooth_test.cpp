#include "core/numerics/smooth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/ops.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using Function = Tensor (*)(const Tensor&);

Tensor gradient(Function f, const Tensor& q) {
  const Tensor leaf = q.detach().clone().requires_grad_(true);
  f(leaf).sum().backward();
  return leaf.grad();
}

struct Law {
  Function function;
  long double (*value)(long double root);
  long double (*slope)(long double root);  // d/dq at q = root^2, root > 0
  double slope_at_zero, curvature_at_zero;
};

const Law kLaws[] = {
    {cos_sqrt, [](long double r) { return std::cos(r); }, [](long double r) { return -std::sin(r) / (2 * r); }, -0.5,
     1. / 12},
    {sinc_sqrt, [](long double r) { return std::sin(r) / r; },
     [](long double r) { return (r * std::cos(r) - std::sin(r)) / (2 * r * r * r); }, -1. / 6, 1. / 60},
};

// On both sides of where the series takes over. The formula of the slope itself cancels near zero.
TEST(Smooth, ValuesAndSlopes) {
  const std::vector<double> q = {1e-300, 1e-20, 1e-8, 1e-4, 9.99e-3, 1.001e-2, 0.3, 2., 9.87, 50., 1e4};
  const Tensor at_q = at::tensor(q, at::kDouble);
  for (const Law& law : kLaws) {
    const Tensor value = law.function(at_q), slope = gradient(law.function, at_q);
    for (std::size_t i = 0; i < q.size(); ++i) {
      const long double root = std::sqrt(static_cast<long double>(q[i]));
      const double expected =
          q[i] < 1e-6 ? law.slope_at_zero + q[i] * law.curvature_at_zero : static_cast<double>(law.slope(root));
      EXPECT_NEAR(value[i].item<double>(), static_cast<double>(law.value(root)), 4e-16 * (1 + 10 * root)) << q[i];
      EXPECT_NEAR(slope[i].item<double>(), expected, 1e-13) << q[i];
    }
  }
}

TEST(Smooth, FiniteAtZeroInBothPrecisions) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const Tensor zero = at::zeros({1}, dtype);
    EXPECT_EQ(cos_sqrt(zero).item<double>(), 1);
    EXPECT_EQ(sinc_sqrt(zero).item<double>(), 1);
    EXPECT_EQ(safe_sqrt(zero).item<double>(), 0);
    EXPECT_NEAR(gradient(cos_sqrt, zero).item<double>(), -0.5, 1e-7);
    EXPECT_NEAR(gradient(sinc_sqrt, zero).item<double>(), -1. / 6, 1e-7);
    EXPECT_EQ(gradient(safe_sqrt, zero).item<double>(), 0);
    EXPECT_TRUE(gradient(safe_norm, at::zeros({2, 3}, dtype)).equal(at::zeros({2, 3}, dtype)));
  }
}

TEST(Smooth, SafeNormKeepsTheDimensionAndDoesNotHideNaN) {
  const Tensor v = at::tensor({3., 4.}, at::kDouble);
  EXPECT_TRUE(safe_norm(v).equal(at::full({1}, 5., at::kDouble)));
  EXPECT_TRUE(near(gradient(safe_norm, v), v / 5, 1e-15));
  EXPECT_TRUE(safe_norm(at::full({2}, std::nan(""), at::kDouble)).isnan().all().item<bool>());
}

TEST(Smooth, ArcsincOfASmallNumber) {
  for (const double s : {0., 1e-9, 1e-3, 0.02, 0.0316}) {
    const double expected = s == 0 ? 1 : std::asin(s) / s;
    EXPECT_NEAR(arcsinc_sqrt_small(at::full({1}, s * s, at::kDouble)).item<double>(), expected, 3e-16);
  }
}

}  // namespace
}  // namespace genmatch
