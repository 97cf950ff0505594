// What is known about flat tori beyond the laws of all manifolds.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/ops.h"
#include "core/process/manifold.h"
#include "tests/manifolds/build.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr double kPi = 3.14159265358979323846;

TEST(Torus, AnglesInRangeComeBackBitForBit) {
  const auto torus = build_manifold("{type: torus, dim: 1}");
  const Tensor x = at::tensor({-kPi, -1., -1e-20, 0., 1e-300, 1e-9, 3.}, at::kDouble).unsqueeze(-1);
  EXPECT_TRUE(torus->project(x).equal(x));
  EXPECT_TRUE(torus->project(x.to(at::kFloat)).equal(x.to(at::kFloat)));
}

TEST(Torus, WrapsIntoTheHalfOpenInterval) {
  const auto torus = build_manifold("{type: torus, dim: 1}");
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const double eps = dtype == at::kFloat ? 0x1p-22 : 0x1p-51;
    const Tensor x =
        at::tensor({kPi, -kPi, kPi - eps, -kPi - eps, 3 * kPi, 5.0, -1e-30 - kPi, 100., -7.}, dtype).unsqueeze(-1);
    const Tensor y = torus->project(x);
    EXPECT_TRUE((y >= -kPi).all().item<bool>()) << y;
    EXPECT_TRUE((y < kPi).all().item<bool>()) << y;
    EXPECT_TRUE(near(y.sin(), x.sin(), 200 * eps));
    EXPECT_TRUE(near(y.cos(), x.cos(), 200 * eps));
  }
}

TEST(Torus, TheShortWayGoesAcrossTheSeam) {
  const auto torus = build_manifold("{type: torus, dim: 2}");
  const Tensor x = at::tensor({3., -1.}, at::kDouble), y = at::tensor({-3., 1.}, at::kDouble);
  EXPECT_TRUE(near(torus->log(x, y), at::tensor({2 * kPi - 6, 2.}, at::kDouble), 1e-15));
  EXPECT_NEAR(torus->distance(x, y).item<double>(), std::hypot(2 * kPi - 6, 2.), 1e-15);
}

TEST(Torus, ViolationMeasuresHowFarOutside) {
  const auto torus = build_manifold("{type: torus, dim: 2}");
  const Tensor x = at::tensor({4., 0., 0., -5.}, at::kDouble).view({2, 2});
  EXPECT_TRUE(near(torus->violation(x), at::tensor({4 - kPi, 5 - kPi}, at::kDouble), 1e-15));
}

}  // namespace
}  // namespace genmatch
