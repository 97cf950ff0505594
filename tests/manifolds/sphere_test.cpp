// What is known about spheres beyond the laws of all manifolds.
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

Tensor row(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }

TEST(Sphere, KnownGeodesics) {
  const auto s2 = build_manifold("{type: sphere, dim: 2}");
  const Tensor north = row({0, 0, 1}), greenwich = row({1, 0, 0}), east = row({0, 1, 0});
  EXPECT_TRUE(near(s2->log(north, greenwich), row({kPi / 2, 0, 0}), 1e-15));
  EXPECT_TRUE(near(s2->exp(greenwich, row({0, kPi / 4, 0})), row({std::sqrt(0.5), std::sqrt(0.5), 0}), 1e-15));
  EXPECT_NEAR(s2->distance(north, east).item<double>(), kPi / 2, 1e-15);
  EXPECT_NEAR(s2->distance(north, -north).item<double>(), kPi, 1e-15);
  // Down to the equator a vector that points south turns towards the south pole; one across is kept.
  EXPECT_TRUE(near(s2->transport(north, greenwich, row({1, 2, 0})), row({0, 2, -1}), 1e-15));
  EXPECT_TRUE(near(s2->exp(north, row({2 * kPi, 0, 0})), north, 1e-15));
}

// Around a triangle with three right angles a vector turns by its area, pi/2 (Gauss–Bonnet).
TEST(Sphere, HolonomyIsTheEnclosedArea) {
  const auto s2 = build_manifold("{type: sphere, dim: 2}");
  const std::vector<Tensor> corners = {row({0, 0, 1}), row({1, 0, 0}), row({0, 1, 0}), row({0, 0, 1})};
  Tensor v = row({1, 0, 0});
  for (std::size_t i = 0; i + 1 < corners.size(); ++i) v = s2->transport(corners[i], corners[i + 1], v);
  EXPECT_TRUE(near(v, row({0, 1, 0}), 1e-15));
}

TEST(Sphere, DistanceKeepsRelativeAccuracyAtBothEnds) {
  const auto s2 = build_manifold("{type: sphere, dim: 2}");
  for (const double angle : {1e-12, 1e-8, 1e-3}) {
    const Tensor x = row({0, 0, 1}), y = row({std::sin(angle), 0, std::cos(angle)});
    EXPECT_NEAR(s2->distance(x, y).item<double>() / angle, 1, 1e-12);
    EXPECT_NEAR((kPi - s2->distance(-x, y).item<double>()), angle, 1e-15);
  }
}

TEST(Sphere, AntipodesAgreeOnAWay) {
  for (const char* text : {"{type: sphere, dim: 1}", "{type: sphere, dim: 2}", "{type: sphere, dim: 7}"}) {
    const auto sphere = build_manifold(text);
    for (const auto dtype : {at::kFloat, at::kDouble}) {
      Rng rng(1, "antipodes");
      const Tensor x = sphere->sample(50, rng, dtype), v = sphere->log(x, -x);
      EXPECT_TRUE(near(sphere->norm(x, v), at::full({50}, kPi, dtype), 1e-6));
      EXPECT_TRUE(near(sphere->transport(x, -x, v), -sphere->log(-x, x), 1e-5));
    }
  }
}

TEST(Sphere, ProjectSurvivesTheRangeOfTheType) {
  const auto s2 = build_manifold("{type: sphere, dim: 2}");
  for (const double size : {1e-36, 1e-25, 1.0, 1e25, 5e37})  // squares leave the range of float32
    EXPECT_TRUE(
        near(s2->project(row({3 * size, 0, -4 * size}).to(at::kFloat)), row({0.6, 0, -0.8}).to(at::kFloat), 1e-6))
        << size;
}

TEST(Sphere, ThousandsOfStepsStayOnIt) {
  const auto s2 = build_manifold("{type: sphere, dim: 2}");
  Rng rng(2, "steps");
  Tensor x = s2->sample(10, rng, at::kFloat);
  for (int i = 0; i < 3000; ++i) x = s2->exp(x, s2->to_tangent(x, 0.1 * rng.normal({10, 3}, at::kFloat)));
  EXPECT_TRUE(all_at_most(s2->violation(x), 5e-7));
}

}  // namespace
}  // namespace genmatch
