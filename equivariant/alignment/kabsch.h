#pragma once
// The rotation that brings one set of vectors closest to another. In double precision, for D = 1, 2, 3.
#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>

namespace genmatch {

template <int D>
using Turn = Eigen::Matrix<double, D, D>;  ///< an orthogonal matrix

/// The orthogonal R that maximises tr(R^T H) with H = sum_i x_i y_i^T [D, D], hence minimises sum_i |x_i - R y_i|^2;
/// among the rotations (det R = 1) unless `reflections`. Where vectors are collinear or coincide several are optimal,
/// and one of them is returned. Kabsch 1976, doi:10.1107/S0567739476001873; Umeyama 1991, doi:10.1109/34.88573, eq. 40.
template <int D>
Turn<D> kabsch(const Turn<D>& h, bool reflections) {
  const Eigen::JacobiSVD<Turn<D>> svd(h, Eigen::ComputeFullU | Eigen::ComputeFullV);
  Turn<D> u = svd.matrixU();
  // Singular values fall: to turn the last axis round costs least.
  if (!reflections && (u * svd.matrixV().transpose()).determinant() < 0) u.col(D - 1) *= -1;
  return u * svd.matrixV().transpose();
}

/// In the plane all follows from two complex numbers, each linear in H: rotations reach at most
/// tr(R^T H) = |(h_11 + h_22, h_21 - h_12)|, reflections |(h_11 - h_22, h_12 + h_21)|.
struct PlaneOverlap {
  Eigen::Vector2d of_rotations{0, 0}, of_reflections{0, 0};

  PlaneOverlap() = default;
  explicit PlaneOverlap(const Turn<2>& h)
      : of_rotations(h(0, 0) + h(1, 1), h(1, 0) - h(0, 1)), of_reflections(h(0, 0) - h(1, 1), h(0, 1) + h(1, 0)) {}

  PlaneOverlap operator+(const PlaneOverlap& other) const {
    PlaneOverlap sum;
    sum.of_rotations = of_rotations + other.of_rotations;
    sum.of_reflections = of_reflections + other.of_reflections;
    return sum;
  }
  double greatest_squared(bool reflections) const {
    const double rotation = of_rotations.squaredNorm();
    return reflections ? std::max(rotation, of_reflections.squaredNorm()) : rotation;
  }
  /// The R that reaches it.
  Turn<2> best(bool reflections) const {
    Turn<2> r;
    if (reflections && of_reflections.squaredNorm() > of_rotations.squaredNorm()) {
      const Eigen::Vector2d u = of_reflections.stableNormalized();
      r << u(0), u(1), u(1), -u(0);
      return r;
    }
    if (of_rotations.isZero(0)) return Turn<2>::Identity();
    const Eigen::Vector2d u = of_rotations.stableNormalized();
    r << u(0), -u(1), u(1), u(0);
    return r;
  }
};

template <>
inline Turn<2> kabsch<2>(const Turn<2>& h, bool reflections) {
  return PlaneOverlap(h).best(reflections);
}

}  // namespace genmatch
