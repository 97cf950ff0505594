#pragma once
// Rotations of three-dimensional space: matrices R [..., 3, 3], unit quaternions [..., 4] in the order w, x, y, z (q
// and -q are one rotation), rotation vectors w [..., 3] (axis times angle). Differentiable; Diebel 2006, "Representing
// attitude".
#include "core/tensor.h"

namespace genmatch {

/// The matrix that takes u to w x u.
Tensor hat(const Tensor& w);
/// The vector of the antisymmetric part of a matrix: vee(hat(w)) = w.
Tensor vee(const Tensor& a);

/// exp(hat(w)) - 1, by Rodrigues' formula; exact to rounding for small w.
Tensor rotation_less_identity(const Tensor& w);

/// Of quaternions of any length but zero.
Tensor rotation_from_quaternion(const Tensor& q);
/// With w >= 0.
Tensor quaternion_from_rotation(const Tensor& r);
/// That of 1 + d, d the difference of a rotation from the identity: keeps its digits where d is small.
Tensor quaternion_from_difference(const Tensor& d);

/// The rotation vector of a unit quaternion with w >= 0: of length in [0, pi].
Tensor rotation_vector(const Tensor& q);

/// The rotation R that maximises tr(R^T A), hence is nearest to A [..., 3, 3]; one of them where there are several. By
/// Davenport's matrix, whose eigenvector of largest eigenvalue is the quaternion of R, squared until the others vanish:
/// to rounding where A is near a rotation, else while the two largest eigenvalues differ by 1 % or more. Keat 1977,
/// "Analysis of least-squares attitude determination routine DOAOP".
Tensor nearest_rotation(const Tensor& a);

}  // namespace genmatch
