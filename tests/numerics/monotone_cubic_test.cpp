#include "core/numerics/monotone_cubic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

TEST(MonotoneCubic, GoesThroughItsPointsAndIsALineBetweenTwo) {
  const MonotoneCubic curve({0, 1, 3, 4}, {2, 5, 5.5, 9});
  EXPECT_TRUE(
      at::allclose(curve.value(at::tensor({0., 1., 3., 4.}, at::kDouble)), at::tensor({2., 5., 5.5, 9.}, at::kDouble)));
  const MonotoneCubic line({1, 3}, {4, 0});
  EXPECT_TRUE(at::allclose(line.value(at::tensor({1.5, 2., 2.5}, at::kDouble)), at::tensor({3., 2., 1.}, at::kDouble)));
}

// The data of Fritsch & Carlson's own example (RPN 14), on which an ordinary cubic spline overshoots.
TEST(MonotoneCubic, IsMonotoneWhereThePointsAre) {
  const std::vector<double> x{7.99, 8.09, 8.19, 8.7, 9.2, 10, 12, 15, 20};
  const std::vector<double> y{0, 2.76429e-5, 4.37498e-2, 0.169183, 0.469428, 0.943740, 0.998636, 0.999919, 0.999994};
  const MonotoneCubic curve(x, y);
  const Tensor fine = at::linspace(7.99, 20, 20001, at::kDouble);
  EXPECT_TRUE((curve.value(fine).diff() >= 0).all().item<bool>());
  EXPECT_LE(curve.value(fine).max().item<double>(), y.back() + 1e-15);
}

TEST(MonotoneCubic, DerivativeIsThatOfTheValueAndContinuous) {
  const MonotoneCubic curve({0, 0.2, 0.5, 1}, {1, 0.9, 0.3, 0});
  const double h = 1e-6;
  const Tensor x = at::linspace(0.01, 0.99, 99, at::kDouble) + 1e-3;
  EXPECT_TRUE(at::allclose(curve.derivative(x), (curve.value(x + h) - curve.value(x - h)) / (2 * h), 1e-7, 1e-8));
  const Tensor knots = at::tensor({0.2, 0.5}, at::kDouble);
  EXPECT_TRUE(at::allclose(curve.derivative(knots - 1e-9), curve.derivative(knots + 1e-9), 1e-6, 1e-6));
}

// Order 2 at least: four times the points, a sixteenth of the error.
TEST(MonotoneCubic, ConvergesToASmoothFunction) {
  const auto error = [](int64_t pieces) {
    std::vector<double> x, y;
    for (int64_t i = 0; i <= pieces; ++i) {
      x.push_back(static_cast<double>(i) / static_cast<double>(pieces));
      y.push_back(std::exp(x.back()));
    }
    const Tensor fine = at::linspace(0, 1, 1000, at::kDouble);
    return (MonotoneCubic(x, y).value(fine) - fine.exp()).abs().max().item<double>();
  };
  EXPECT_LT(error(40), error(10) / 12);
  EXPECT_LT(error(40), 2e-4);
}

TEST(MonotoneCubic, RefusesWhatIsNoTable) {
  EXPECT_THROW(MonotoneCubic({0}, {1}), ContractError);
  EXPECT_THROW(MonotoneCubic({0, 1}, {1}), ContractError);
  EXPECT_THROW(MonotoneCubic({0, 0}, {1, 2}), ContractError);
}

}  // namespace
}  // namespace genmatch
