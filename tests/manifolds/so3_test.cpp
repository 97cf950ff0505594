// What is known about rotations beyond the laws of all manifolds.
#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <cmath>

#include "core/ops.h"
#include "core/process/manifold.h"
#include "tests/manifolds/build.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr double kPi = 3.14159265358979323846;

// The rotation by `angle` about an axis of any length.
Tensor turn(double angle, const Eigen::Vector3d& axis) {
  const Eigen::Matrix3d by_columns = Eigen::AngleAxisd(angle, axis.normalized()).toRotationMatrix();
  const Eigen::Matrix3d by_rows = by_columns.transpose();
  return at::tensor(at::ArrayRef<double>(by_rows.data(), 9)).reshape({3, 3});
}

// The derivative of that at angle 0, for an axis of length 1.
Tensor spin(const Eigen::Vector3d& w) {
  return at::tensor({0., -w[2], w[1], w[2], 0., -w[0], -w[1], w[0], 0.}).reshape({3, 3});
}

TEST(SO3, DistanceIsTheAngleTurned) {
  const auto m = build_manifold("so3");
  const Eigen::Vector3d axis(1, -2, 0.5);
  const Tensor x = turn(0.7, {0, 1, 3});
  for (const double angle : {1e-12, 1e-7, 0.1, 1.5, 2.5, kPi - 1e-7, kPi})
    EXPECT_NEAR(m->distance(x, x.matmul(turn(angle, axis))).item<double>() / angle, 1, 1e-14 / angle + 1e-12) << angle;
  // Beyond half a turn the way round is shorter.
  EXPECT_NEAR(m->distance(x, x.matmul(turn(4, axis))).item<double>(), 2 * kPi - 4, 1e-14);
}

TEST(SO3, GeodesicsAreRotationsAboutAnAxis) {
  const auto m = build_manifold("so3");
  const Eigen::Vector3d axis = Eigen::Vector3d(2, 1, -1).normalized();
  const Tensor x = turn(2, {1, 1, 0}), v = x.matmul(spin(axis));
  for (const double angle : {1e-9, 0.3, 2., 3.1, 10.})
    EXPECT_TRUE(near(m->exp(x, angle * v), x.matmul(turn(angle, axis)), 1e-14)) << angle;
  EXPECT_TRUE(near(m->log(x, x.matmul(turn(2.9, axis))), 2.9 * v, 1e-13));
  EXPECT_NEAR(m->norm(x, v).item<double>(), 1, 1e-15);
}

// A quarter turn about z takes the field that stays parallel by half as much against the body: a spin about x becomes
// one about the bisector of x and -y in the body, that of x and y in space.
TEST(SO3, TransportTurnsByHalf) {
  const auto m = build_manifold("so3");
  const Tensor x = turn(0, {1, 0, 0}), y = turn(kPi / 2, {0, 0, 1});
  const Tensor expected = y.matmul(spin(Eigen::Vector3d(1, -1, 0).normalized()));
  EXPECT_TRUE(near(m->transport(x, y, spin({1, 0, 0})), expected, 1e-15));
  EXPECT_TRUE(near(m->transport(x, y, spin({0, 0, 1})), y.matmul(spin({0, 0, 1})), 1e-15));
}

// Neither side's products change anything.
TEST(SO3, TheMetricIsBiInvariant) {
  const auto m = build_manifold("so3");
  Rng rng(1, "so3");
  const Tensor x = m->sample(100, rng, at::kDouble), y = m->sample(100, rng, at::kDouble);
  const Tensor left = turn(1, {1, 2, 3}), right = turn(-2, {0, 1, 1}), v = m->log(x, y);
  const auto moved = [&](const Tensor& a) { return left.matmul(a).matmul(right); };
  EXPECT_TRUE(near(m->distance(moved(x), moved(y)), m->distance(x, y), 1e-13));
  EXPECT_TRUE(near(m->exp(moved(x), 0.5 * moved(v)), moved(m->exp(x, 0.5 * v)), 1e-13));
  EXPECT_TRUE(near(m->transport(moved(x), moved(y), moved(v)), moved(m->transport(x, y, v)), 1e-12));
}

// The angle of a uniform rotation has the density (1 - cos a) / pi: mean pi / 2 + 2 / pi, variance pi^2 / 12 - 4 /
// pi^2 (Miles 1965, doi:10.1093/biomet/52.3-4.636).
TEST(SO3, UniformRotationsHaveTheAnglesOfHaarsMeasure) {
  const auto m = build_manifold("so3");
  Rng rng(2, "uniform");
  const int64_t n = 40000;
  const Tensor angle = m->distance(turn(1, {1, 1, 1}), m->sample(n, rng, at::kDouble));
  const double variance = kPi * kPi / 12 - 4 / (kPi * kPi);
  EXPECT_NEAR(angle.mean().item<double>(), kPi / 2 + 2 / kPi, 5 * std::sqrt(variance / n));
}

// Shells of radius a about a rotation have the area 16 pi sin^2(a / 2).
TEST(SO3, KernelsIntegrateToOneOverShells) {
  const auto m = build_manifold("so3");
  const int64_t n = 20000;
  const Tensor angle = (at::arange(n, at::kDouble) + 0.5) * (kPi / n), shell = 16 * kPi * (angle / 2).sin().square();
  Tensor x = at::zeros({n, 3, 3}, at::kDouble);
  x.select(1, 2).select(1, 2).fill_(1);
  x.select(1, 0).select(1, 0).copy_(angle.cos());
  x.select(1, 1).select(1, 1).copy_(angle.cos());
  x.select(1, 1).select(1, 0).copy_(angle.sin());
  x.select(1, 0).select(1, 1).copy_(-angle.sin());
  EXPECT_NEAR(shell.sum().item<double>() * (kPi / n), std::exp(m->log_volume()), 1e-6);
  for (const double k : {1e-3, 0.5, 20., 5e3, 1e6}) {
    const Tensor density = m->log_kernel(x, at::eye(3, at::kDouble), k).exp();
    EXPECT_NEAR((shell * density).sum().item<double>() * (kPi / n), 1, 1e-6) << k;
  }
}

TEST(SO3, MirrorImagesAreNoRotations) {
  const auto m = build_manifold("so3");
  EXPECT_TRUE(std::isinf(m->violation(-at::eye(3, at::kDouble)).item<double>()));
  EXPECT_NEAR(m->violation(1.001 * at::eye(3, at::kDouble)).item<double>(), 0.001 * std::sqrt(1.5), 1e-5);
}

}  // namespace
}  // namespace genmatch
