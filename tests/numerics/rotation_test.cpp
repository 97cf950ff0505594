#include "core/numerics/rotation.h"

#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <Eigen/SVD>
#include <cmath>

#include "core/ops.h"
#include "core/rng.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

Eigen::Matrix3d to_eigen(const Tensor& a) {
  Eigen::Matrix3d m;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) m(i, j) = a[i][j].item<double>();
  return m;
}

Tensor to_tensor(const Eigen::Matrix3d& m) {
  const Eigen::Matrix3d by_rows = m.transpose();
  return at::tensor(at::ArrayRef<double>(by_rows.data(), 9)).reshape({3, 3});
}

Tensor normal(at::IntArrayRef shape, uint64_t seed) { return Rng(seed, "rotations").normal(shape, at::kDouble); }

TEST(Rotation, QuaternionsAreEigens) {
  const Tensor q = normal({50, 4}, 1), r = rotation_from_quaternion(q);
  for (int64_t i = 0; i < 50; ++i) {
    const Eigen::Quaterniond e(q[i][0].item<double>(), q[i][1].item<double>(), q[i][2].item<double>(),
                               q[i][3].item<double>());
    EXPECT_TRUE(near(r[i], to_tensor(e.normalized().toRotationMatrix()), 1e-14));
  }
  EXPECT_TRUE(rotation_from_quaternion(-q).equal(r));
}

// Half turns have w = 0, turns about an axis other zeros: each component is the largest somewhere.
TEST(Rotation, QuaternionsComeBack) {
  const Tensor q = at::cat({normal({200, 4}, 2), at::eye(4, at::kDouble), at::tensor({0., -1., 1., 0.}).unsqueeze(0)});
  const Tensor back = quaternion_from_rotation(rotation_from_quaternion(q));
  EXPECT_TRUE((back.select(1, 0) >= 0).all().item<bool>());
  const Tensor cosine = (back * q / q.norm(2, 1, true)).sum(1).abs();
  EXPECT_TRUE(near(cosine, at::ones_like(cosine), 1e-14));
}

TEST(Rotation, VectorsAreAxisTimesAngle) {
  const Eigen::Vector3d axis = Eigen::Vector3d(1, -2, 0.5).normalized();
  const Tensor direction = at::tensor({axis[0], axis[1], axis[2]});
  for (const double angle : {0., 1e-12, 1e-6, 0.05, 0.1, 1., 3., 3.14159, M_PI}) {
    const Tensor r = to_tensor(Eigen::AngleAxisd(angle, axis).toRotationMatrix());
    EXPECT_TRUE(near(at::eye(3, at::kDouble) + rotation_less_identity(angle * direction), r, 1e-14)) << angle;
    Tensor w = rotation_vector(quaternion_from_rotation(r));
    if (angle == M_PI && (w * direction).sum().item<double>() < 0) w = -w;  // the same rotation
    EXPECT_TRUE(near(w, angle * direction, 1e-14)) << angle;
  }
  // Of a difference from the identity small angles keep all their digits.
  const Tensor w = 1e-10 * direction;
  EXPECT_TRUE(near(1e10 * rotation_vector(quaternion_from_difference(rotation_less_identity(w))), direction, 1e-14));
}

// The rotation of the singular value decomposition, the axis of least value turned round where it would mirror.
TEST(Rotation, NearestIsThatOfTheSingularValueDecomposition) {
  const Tensor a = at::cat({normal({200, 3, 3}, 3), 1e-200 * normal({3, 3, 3}, 4), 1e200 * normal({3, 3, 3}, 5)});
  const Tensor r = nearest_rotation(a);
  int64_t compared = 0;
  for (int64_t i = 0; i < a.size(0); ++i) {
    const Eigen::Matrix3d m = to_eigen(a[i] / a[i].abs().max());
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(m, Eigen::ComputeFullU | Eigen::ComputeFullV);
    Eigen::Matrix3d u = svd.matrixU();
    const double sign = (u * svd.matrixV().transpose()).determinant() < 0 ? -1 : 1;
    u.col(2) *= sign;
    const Eigen::Vector3d s = svd.singularValues();
    if (s[1] + sign * s[2] < 0.05 * s.sum()) continue;  // several are nearly as near
    EXPECT_TRUE(near(r[i], to_tensor(u * svd.matrixV().transpose()), 1e-9)) << i;
    ++compared;
  }
  EXPECT_GT(compared, 150);
}

TEST(Rotation, NearestIsARotationWhateverIsGiven) {
  const Tensor eye = at::eye(3, at::kDouble), line = at::outer(at::tensor({1., 2., 0.}), at::tensor({0., 1., 3.}));
  const Tensor a = at::stack({0 * eye, -eye, line, eye, at::tensor({1., 1., -1.}).diag()});
  const Tensor r = nearest_rotation(a);
  EXPECT_TRUE(near(r.transpose(1, 2).matmul(r), eye.expand({5, 3, 3}), 1e-14));
  EXPECT_TRUE(near(at::linalg_det(r), at::ones({5}, at::kDouble), 1e-14));
  EXPECT_TRUE(near(r[3], eye, 1e-15));
  EXPECT_EQ(nearest_rotation(a.narrow(0, 0, 0)).sizes(), at::IntArrayRef({0, 3, 3}));
}

}  // namespace
}  // namespace genmatch
