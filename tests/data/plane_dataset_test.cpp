// Each law is checked by a feature of it that the sampler does not compute.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/ops.h"
#include "tests/data/make_dataset.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

std::shared_ptr<Dataset> make(const std::string& options, const std::string& space = "{type: euclidean, dim: 2}") {
  return make_dataset("{space: " + space + ", data: {" + options + "}}", ".").dataset;
}

constexpr int64_t kRows = 20000;

Tensor draw(const std::string& options, uint64_t seed = 0) {
  return make(options + ", rows: 20000, split: {validation: 0, test: 0}")->load(seed).train.x.at(0);
}

/// |count - n p| within 5 standard deviations of a binomial.
void expect_share(const Tensor& event, double p) {
  const auto n = static_cast<double>(event.numel());
  EXPECT_NEAR(event.sum().item<double>(), n * p, 5 * std::sqrt(n * p * (1 - p)));
}

TEST(EightGaussians, HasEightEqualRoundModes) {
  const Tensor x = draw("type: eight_gaussians, radius: 3, noise: 0.2");
  const Tensor angle = at::atan2(x.select(1, 1), x.select(1, 0));
  const Tensor mode = (angle / (M_PI / 4)).round().to(at::kLong).remainder(8);
  for (int64_t k = 0; k < 8; ++k) {
    const Tensor members = x.index({mode.eq(k)});
    expect_share(mode.eq(k), 1. / 8);
    const double mean_error = 5 * 0.2 / std::sqrt(static_cast<double>(members.size(0)));  // 5 sigma
    EXPECT_NEAR(members.select(1, 0).mean().item<double>(), 3 * std::cos(k * M_PI / 4), mean_error);
    EXPECT_NEAR(members.select(1, 1).mean().item<double>(), 3 * std::sin(k * M_PI / 4), mean_error);
  }
  // E|x|^2 = radius^2 + 2 noise^2; its spread is about 2 radius noise.
  EXPECT_NEAR(x.square().sum(1).mean().item<double>(), 9.08, 5 * 1.2 / std::sqrt(kRows));
}

TEST(Moons, LieOnTwoHalfCircles) {
  const Tensor x = draw("type: moons, noise: 0");
  const Tensor outer = (x - at::tensor({0., 0.}, at::kDouble)).norm(2, 1),
               inner = (x - at::tensor({1., 0.5})).norm(2, 1);
  const Tensor on_outer = (outer - 1).abs().lt(1e-12).logical_and(x.select(1, 1).ge(-1e-12));
  const Tensor on_inner = (inner - 1).abs().lt(1e-12).logical_and(x.select(1, 1).le(0.5 + 1e-12));
  EXPECT_TRUE(on_outer.logical_or(on_inner).all().item<bool>());
  expect_share(on_outer, 0.5);
  // Uniform along the arc: a third of it has |x| <= 1/2.
  expect_share(x.index({on_outer}).select(1, 0).abs().le(0.5), 1. / 3);
}

TEST(Moons, NoiseScaleAndOffset) {
  const Tensor plain = draw("type: moons, noise: 0.1"),
               moved = draw("type: moons, noise: 0.1, scale: 2, offset: [-1, 3]");
  EXPECT_TRUE(at::allclose(moved, 2 * plain + at::tensor({-1., 3.}, at::kDouble), 0, 1e-12));
  // The variance of x is that of the circles (half the square of the radius, a quarter of the shift) and the noise.
  EXPECT_NEAR(plain.select(1, 0).var().item<double>(), 0.5 + 0.25 + 0.01, 5 * 0.8 / std::sqrt(kRows));
  EXPECT_THAT(message_of([] { make("type: moons, offset: [1]"); }), HasSubstr("moons.offset: expected [x, y], got 1"));
}

TEST(Checkerboard, FillsEveryOtherSquareEvenly) {
  const Tensor x = draw("type: checkerboard, cells: 4, half_width: 2");
  EXPECT_TRUE(x.ge(-2).logical_and(x.lt(2)).all().item<bool>());
  const Tensor square = x.floor().to(at::kLong) + 2;
  EXPECT_TRUE(square.sum(1).remainder(2).eq(0).all().item<bool>());
  for (int64_t k = 0; k < 16; ++k) {
    const int64_t column = k / 4, row = k % 4;
    const Tensor here = square.select(1, 0).eq(column).logical_and(square.select(1, 1).eq(row));
    if ((row + column) % 2 == 0) expect_share(here, 1. / 8);
  }
  expect_share((x - x.floor()).select(1, 0).lt(0.25), 0.25);  // uniform within the squares
  EXPECT_THAT(message_of([] { make("type: checkerboard, cells: 3"); }), HasSubstr("must be even, got 3"));
}

TEST(PlaneDatasets, SeedsGiveOtherPointsOptionsOtherHashes) {
  EXPECT_TRUE(draw("type: moons", 1).equal(draw("type: moons", 1)));
  EXPECT_FALSE(draw("type: moons", 1).equal(draw("type: moons", 2)));
  EXPECT_EQ(make("type: moons")->hash(), make("type: moons, noise: 0.05")->hash());
  EXPECT_NE(make("type: moons")->hash(), make("type: moons, noise: 0.06")->hash());
  EXPECT_NE(make("type: moons")->hash(), make("type: moons, rows: 99")->hash());
  EXPECT_NE(make("type: checkerboard")->hash(), make("type: eight_gaussians")->hash());
}

TEST(PlaneDatasets, ReadTables) {
  const TemporaryFolder folder;
  const Table table = make("type: moons")->read(folder.write("a.csv", "x,y\n1,2\n3,4\n"));
  EXPECT_TRUE(table.x.at(0).equal(at::tensor({1., 2., 3., 4.}, at::kDouble).reshape({2, 2})));
  EXPECT_THAT(message_of([&] { make("type: moons")->read(folder.write("b.csv", "1,2,3\n")); }),
              HasSubstr("expected 2 columns, got 3"));
}

TEST(PlaneDatasets, LiveInThePlaneOnly) {
  for (const char* space : {"{type: sphere, dim: 1}", "{type: torus, dim: 2}", "{type: euclidean, dim: 3}"}) {
    EXPECT_THAT(message_of([&] { make("type: moons", space); }),
                HasSubstr("moons: its points lie in R^2, but the space is "))
        << space;
  }
}

}  // namespace
}  // namespace genmatch
