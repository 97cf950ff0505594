// Derivatives along directions.
#include "equivariant/models/fused_pairs_impl.h"

namespace genmatch {

std::pair<FusedPairs::Output, FusedPairs::Output> FusedPairs::jvp(const Input& at, const Input& directions) const {
  const int64_t count = directions.y.size(0);
  Output value{at::zeros_like(at.y), heard_ ? at::zeros_like(at.own) : Tensor()};
  Output derivative{at::zeros_like(directions.y), Tensor()};
  if (heard_) derivative.heard = at::zeros({count, at.own.size(0), at.own.size(1), width_}, at.own.options());
  for_parts(at.y.size(0), [&](int64_t, Block& block, int64_t first, int64_t last) {
    fill(block, at, first, last);
    gather(block, value);
    // Of z1 before its nonlinearity with respect to the square of the distance.
    kernels_.product(block.features_slope.get(), features_, 1, distance_.weight.data(), block.rows, features_, row_,
                     block.of_square_slope.get(), false);
    for (int64_t k = 0; k < count; ++k) push(block, at, directions, derivative, k);
  });
  return {value, derivative};
}

// The derivative along the k-th direction: g is that of z1, then of z3, h that of z2, then of what is said.
void FusedPairs::push(Block& b, const Input& at, const Input& directions, const Output& derivative, int64_t k) const {
  const int64_t first = k * at.y.size(0) * particles_;
  push_distances(b, at, directions, first);
  const RowsOf own(directions.own, width_, first), other(directions.other, width_, first);
  const float* const of_start = &distance_.weight[static_cast<std::size_t>(row_)];
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const g = &b.g[r * row_], *const slope = &b.s1[r * row_], *const of_square = &b.of_square_slope[r * row_];
    for (int64_t f = 0; f < row_; ++f) g[f] = b.square[r] * of_square[f] + b.start_square[r] * of_start[f];
    if (own) add(g, own[b.centre[r]], width_);
    if (other) add(g, other[b.partner[r]], width_);
    for (int64_t f = 0; f < row_; ++f) g[f] *= slope[f];
  }
  kernels_.product(b.g.get(), row_, 1, out_.weight.data(), b.rows, width_, row_, b.h.get(), false);
  const RowsOf heard(derivative.heard, width_, first);
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const h = &b.h[r * row_], *const slope = &b.s2[r * row_], *const z = &b.z2[r * row_];
    for (int64_t f = 0; f < row_; ++f) h[f] *= slope[f];
    const float gate = b.gate[r];
    const float turned = attention_.empty() ? 0 : dot(h, attention_.data(), row_) * gate * (1 - gate);
    for (int64_t f = 0; f < row_; ++f) h[f] = gate * h[f] + turned * z[f];
    if (heard) add(heard[b.centre[r]], h, width_);
  }
  kernels_.product(b.h.get(), row_, 1, position_.weight.data(), b.rows, width_, row_, b.g.get(), false);
  push_moves(b, RowsOf(derivative.move, dim_, first).data);
}

// The derivatives of apart and of the squared distances, now and at the start.
void FusedPairs::push_distances(Block& b, const Input& at, const Input& directions, int64_t first) const {
  const RowsOf dy(directions.y, dim_, first), dx(directions.start, dim_, first), x(at.start, dim_);
  for (int32_t r = 0; r < b.rows; ++r) {
    const int64_t i = b.centre[r], j = b.partner[r];
    float square = 0, start_square = 0;
    for (int64_t d = 0; d < dim_; ++d) {
      const float apart = dy[i][d] - dy[j][d];
      b.of_apart[r * dim_ + d] = apart;
      square += 2 * b.apart[r * dim_ + d] * apart;
      start_square += 2 * (x[i][d] - x[j][d]) * (dx[i][d] - dx[j][d]);
    }
    b.square[r] = square;
    b.start_square[r] = start_square;
  }
}

void FusedPairs::push_moves(Block& b, float* moves) const {
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const g = &b.g[r * row_], *const slope = &b.s3[r * row_];
    for (int64_t f = 0; f < row_; ++f) g[f] *= slope[f];
    const float of_pull = dot(g, pull_.data(), row_);
    float* const move = moves + b.centre[r] * dim_;
    add_scaled(move, b.inverse[r] * b.pull[r], &b.of_apart[r * dim_], dim_);
    add_scaled(move, b.inverse_slope[r] * b.square[r] * b.pull[r] + b.inverse[r] * of_pull, &b.apart[r * dim_], dim_);
  }
}

}  // namespace genmatch
