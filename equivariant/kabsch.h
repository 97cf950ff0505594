#pragma once
// The rotation that brings one set of vectors closest to another. In double precision, for D = 1, 2, 3.
#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

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

/// tr(R^T H) for that R, in the plane without looking for it: rotations reach |h_11 + h_22, h_21 - h_12|, reflections
/// |h_11 - h_22, h_12 + h_21|.
inline double greatest_overlap(const Turn<2>& h, bool reflections) {
  const double rotation = std::hypot(h(0, 0) + h(1, 1), h(1, 0) - h(0, 1));
  return reflections ? std::max(rotation, std::hypot(h(0, 0) - h(1, 1), h(0, 1) + h(1, 0))) : rotation;
}

}  // namespace genmatch
