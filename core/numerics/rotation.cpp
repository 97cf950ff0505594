#include "core/numerics/rotation.h"

#include "core/numerics/smooth.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// From the entries of A, row by row, to those of Davenport's K: 4 q q^T = K + 1 where A is the rotation of q.
Tensor davenport(const Tensor& a) {
  static const Tensor entries = [] {
    Tensor all = at::zeros({3, 3, 4, 4}, at::kDouble);
    const auto add = [&](int64_t i, int64_t j, int64_t row, int64_t column, double sign) {
      all[i][j][row][column] = sign;
      all[i][j][column][row] = sign;
    };
    for (int64_t i = 0; i < 3; ++i) {
      const int64_t j = (i + 1) % 3, k = (i + 2) % 3;
      add(i, i, 0, 0, 1);
      for (int64_t axis = 0; axis < 3; ++axis) add(i, i, 1 + axis, 1 + axis, axis == i ? 1 : -1);
      add(k, j, 0, 1 + i, 1);
      add(j, k, 0, 1 + i, -1);
      add(j, k, 1 + j, 1 + k, 1);
      add(k, j, 1 + j, 1 + k, 1);
    }
    return all.reshape({9, 16});
  }();
  return a.flatten(-2).matmul(entries.to(a.options())).unflatten(-1, {4, 4});
}

// The row of m [..., 4, 4] with the largest diagonal entry, scaled to length 1: q up to its sign, if m is a multiple of
// q q^T.
Tensor largest_row(const Tensor& m) {
  const Tensor largest = m.detach().diagonal(0, -2, -1).argmax(-1, true).unsqueeze(-1);
  Shape shape = m.sizes().vec();
  shape[shape.size() - 2] = 1;
  const Tensor row = m.gather(-2, largest.expand(shape)).squeeze(-2);
  return row / safe_norm(row);
}

Tensor with_positive_w(const Tensor& q) {
  return at::where(q.detach().narrow(-1, 0, 1) < 0, -q, q);  // w = 0 stays, as it is
}

}  // namespace

Tensor hat(const Tensor& w) {
  const Tensor x = w.select(-1, 0), y = w.select(-1, 1), z = w.select(-1, 2), o = at::zeros_like(x);
  return at::stack({o, -z, y, z, o, -x, -y, x, o}, -1).unflatten(-1, {3, 3});
}

Tensor vee(const Tensor& a) {
  const auto half = [&](int64_t i, int64_t j) {
    return (a.select(-2, i).select(-1, j) - a.select(-2, j).select(-1, i)) / 2;
  };
  return at::stack({half(2, 1), half(0, 2), half(1, 0)}, -1);
}

Tensor rotation_less_identity(const Tensor& w) {
  const Tensor square = w.square().sum(-1, true).unsqueeze(-1), turn = hat(w);
  return sinc_sqrt(square) * turn + 0.5 * sinc_sqrt(square / 4).square() * turn.matmul(turn);
}

Tensor rotation_from_quaternion(const Tensor& q) {
  const Tensor unit = q / safe_norm(q), w = unit.narrow(-1, 0, 1).unsqueeze(-1), turn = hat(unit.narrow(-1, 1, 3));
  return at::eye(3, q.options()) + 2 * (w * turn + turn.matmul(turn));
}

Tensor quaternion_from_rotation(const Tensor& r) { return quaternion_from_difference(r - at::eye(3, r.options())); }

Tensor quaternion_from_difference(const Tensor& d) {
  Tensor identity = at::zeros({4, 4}, d.options());
  identity[0][0] = 4;
  return with_positive_w(largest_row(davenport(d) + identity));
}

Tensor rotation_vector(const Tensor& q) {
  const Tensor w = q.narrow(-1, 0, 1), v = q.narrow(-1, 1, 3), square = v.square().sum(-1, true), near = square < 1e-3;
  const Tensor sine = square.masked_fill(near, 1).sqrt();
  return 2 * at::where(near, arcsinc_sqrt_small(square.masked_fill(~near, 0)), at::atan2(sine, w) / sine) * v;
}

// Davenport's eigenvalues are s1 + s2 + s3, s1 - s2 - s3, -s1 + s2 - s3, -s1 - s2 + s3, where the s are the singular
// values of A, the last one with the sign of det A. Their shift by |A| / sqrt(3) >= |s3| makes the first one that of
// largest modulus, and the others zero where A is a rotation.
Tensor nearest_rotation(const Tensor& a) {
  constexpr int kSquarings = 10;
  const Tensor size = a.detach().abs().amax({-2, -1}, true), zero = size == 0;
  const Tensor scaled = a / size.masked_fill(zero, 1);  // squares neither over- nor underflow
  const Tensor shift = scaled.detach().square().mean({-2, -1}, true).mul(3).sqrt();
  Tensor m = davenport(scaled) + shift.masked_fill(zero, 1) * at::eye(4, a.options());
  for (int i = 0; i < kSquarings; ++i) {
    m = m / m.detach().diagonal(0, -2, -1).sum(-1, true).unsqueeze(-1);
    m = m.matmul(m);
  }
  return rotation_from_quaternion(largest_row(m));
}

}  // namespace genmatch
