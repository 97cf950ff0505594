#include "core/measure/projection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/data/coordinates.h"
#include "core/ops.h"
#include "core/rng.h"

namespace genmatch {
namespace {

// Random places, away from the poles and the rim by `margin`.
Tensor places(int64_t n, double margin) {
  Rng rng(2, "places");
  const Tensor u = rng.uniform({n, 2}, at::kDouble) * 2 - 1;
  return u * at::tensor({M_PI - margin, M_PI / 2 - margin}, at::kDouble);
}

TEST(HammerTest, KnownPlaces) {
  const auto lonlat = at::tensor({0.0, 0.0, M_PI, 0.0, -M_PI, 0.0, 1.0, M_PI / 2, 0.3, -M_PI / 2}, at::kDouble);
  const auto expected = at::tensor(
      {0.0, 0.0, std::sqrt(8.0), 0.0, -std::sqrt(8.0), 0.0, 0.0, std::sqrt(2.0), 0.0, -std::sqrt(2.0)}, at::kDouble);
  EXPECT_TRUE(at::allclose(hammer(lonlat.reshape({-1, 2})), expected.reshape({-1, 2}), 0, 1e-12));
}

TEST(HammerTest, InverseUndoesIt) {
  const Tensor lonlat = places(200, 1e-3);
  EXPECT_TRUE(at::allclose(inverse_hammer(hammer(lonlat)), lonlat, 0, 1e-9));
  const Tensor xy = hammer(lonlat);
  EXPECT_TRUE(at::allclose(hammer(inverse_hammer(xy)), xy, 0, 1e-9));
}

TEST(HammerTest, KeepsAreas) {
  // d(area on the sphere) = cos(lat) dlon dlat, so the Jacobian by central differences has to be cos(lat).
  const Tensor lonlat = places(200, 0.05);
  const double h = 1e-5;
  const auto slope = [&](int64_t axis) {
    const Tensor step = at::zeros({2}, at::kDouble);
    step[axis] = h;
    return (hammer(lonlat + step) - hammer(lonlat - step)) / (2 * h);
  };
  const Tensor east = slope(0), north = slope(1);
  const Tensor area = east.select(1, 0) * north.select(1, 1) - east.select(1, 1) * north.select(1, 0);
  EXPECT_TRUE(at::allclose(area, lonlat.select(1, 1).cos(), 0, 1e-8));
}

TEST(HammerTest, OutsideTheEllipseTheRimAnswers) {
  const Tensor angle = at::linspace(0.1, 6.2, 30, at::kDouble);
  const Tensor rim = at::stack({hammer_width * angle.cos(), hammer_height * angle.sin()}, 1);
  const Tensor lonlat = inverse_hammer(rim * 1.7);
  EXPECT_TRUE(at::allclose(hammer(lonlat), rim, 0, 1e-6));
  EXPECT_TRUE(at::allclose(lonlat.select(1, 0).abs(), at::full({30}, M_PI, at::kDouble), 0, 1e-6));
}

TEST(ProjectionTest, LonlatAgreesWithTheDataReader) {
  const Tensor lonlat = places(50, 0.01);
  EXPECT_TRUE(at::allclose(to_lonlat(sphere_from_latlon(lonlat.rad2deg().flip(-1))), lonlat, 0, 1e-12));
}

TEST(ProjectionTest, RecentreTurnsTheGlobe) {
  const Tensor lonlat = places(50, 0.01);
  const double centre = 2.5;
  const Tensor turned = recentre(lonlat, centre);
  EXPECT_LE(turned.select(1, 0).abs().max().item<double>(), M_PI);
  EXPECT_TRUE(at::allclose(recentre(turned, -centre), lonlat, 0, 1e-12));
  EXPECT_NEAR(recentre(at::tensor({centre, 0.4}, at::kDouble), centre)[0].item<double>(), 0, 1e-15);
}

}  // namespace
}  // namespace genmatch
