#include "core/measure/picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(ColourRangeTest, CutsOffWhatIsFarBelow) {
  const Tensor values =
      at::cat({at::linspace(-3, 2, 100, at::kDouble), at::tensor({-1e6, -INFINITY, nan}, at::kDouble)});
  const ColourRange range = colour_range(values);
  EXPECT_NEAR(range.high, 2, 0.01);
  EXPECT_GE(range.low, -3.1);
  EXPECT_LE(range.low, -2.5);
  const ColourRange deep = colour_range(at::linspace(-100, 1, 50, at::kDouble), 9);
  EXPECT_DOUBLE_EQ(deep.low, deep.high - 9);
}

TEST(ColourRangeTest, OfAConstantIsNotEmpty) {
  const ColourRange range = colour_range(at::full({5}, -2.5, at::kDouble));
  EXPECT_GT(range.high, range.low);
  EXPECT_THROW(colour_range(at::full({5}, nan, at::kDouble)), NumericalError);
}

TEST(RefineTest, KeepsSmoothFieldsAndTheRange) {
  // A straight field stays straight away from the edge; nothing overshoots.
  const Tensor coarse = at::linspace(0.5, 9.5, 10, at::kDouble).unsqueeze(0).expand({10, 10});
  const Tensor fine = refine(coarse, {-20, 20}, 4);
  ASSERT_EQ(fine.sizes(), (Shape{40, 40}));
  const Tensor expected = (at::arange(40, at::kDouble) + 0.5) / 4;
  EXPECT_TRUE(at::allclose(fine[20].narrow(0, 8, 24), expected.narrow(0, 8, 24), 0, 1e-12));
  const Tensor edge = refine((coarse > 5).to(at::kDouble), {0, 1}, 4);
  EXPECT_GE(edge.min().item<double>(), 0);
  EXPECT_LE(edge.max().item<double>(), 1);
}

TEST(MassLevelsTest, OfAGaussianAreItsEllipses) {
  // P(|x|^2 < r^2) = 1 - exp(-r^2 / 2) in the plane, so the level that holds the share s is ln(1 - s) - ln(2 pi).
  const Tensor x = grid_points({-6, 6, -6, 6}, 300, 300);
  const Tensor log_density = -x.square().sum(1) / 2 - std::log(2 * M_PI);
  const auto levels = mass_levels(log_density.reshape({300, 300}), {0.5, 0.9, 0.98});
  EXPECT_NEAR(levels[0], std::log(0.5) - std::log(2 * M_PI), 0.01);
  EXPECT_NEAR(levels[1], std::log(0.1) - std::log(2 * M_PI), 0.01);
  EXPECT_NEAR(levels[2], std::log(0.02) - std::log(2 * M_PI), 0.02);
}

TEST(MassLevelsTest, NanCountsAsEmpty) {
  const Tensor log_density = at::tensor({0.0, nan, -1.0, -INFINITY}, at::kDouble);
  EXPECT_EQ(mass_levels(log_density, {0.5, 0.99}), (std::vector<double>{0.0, -1.0}));
}

TEST(GridPointsTest, AreTheCentresOfCells) {
  const Tensor points = grid_points({0, 4, 10, 12}, 2, 4);
  EXPECT_TRUE(points[1].equal(at::tensor({1.5, 10.5}, at::kDouble)));
  EXPECT_TRUE(points[4].equal(at::tensor({0.5, 11.5}, at::kDouble)));
}

TEST(SomeRowsTest, ChoosesAmongWholeRows) {
  const Tensor x = at::arange(20, at::kDouble).reshape({10, 2});
  x[3][1] = nan;
  Rng rng(1, "rows");
  const Tensor chosen = some_rows(x, 100, rng);
  ASSERT_EQ(chosen.sizes(), (Shape{9, 2}));
  EXPECT_EQ(chosen.sum().item<double>(), 190 - 6 - 7);
  EXPECT_EQ(some_rows(x, 4, rng).size(0), 4);
  EXPECT_EQ(some_rows(x, 0, rng).size(0), 0);
}

}  // namespace
}  // namespace genmatch
