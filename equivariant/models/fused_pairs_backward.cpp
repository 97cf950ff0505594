// Gradients.
#include "equivariant/models/fused_pairs_impl.h"

namespace genmatch {

std::vector<Tensor> FusedPairs::backward(const Input& at, const Output& gradient) const {
  Gradients all{at::zeros_like(at.own), at::zeros_like(at.other), at::zeros_like(at.y)};
  std::vector<Sums> sums(static_cast<std::size_t>(parts));
  for (Sums& s : sums) {
    s.distance = floats(static_cast<int64_t>(features_) * row_);
    s.out = s.position = floats(static_cast<int64_t>(width_) * row_);
    s.out_bias = s.position_bias = s.attention = s.pull = s.unused = floats(row_);
  }
  for_parts(at.y.size(0), [&](int64_t part, Block& block, int64_t first, int64_t last) {
    fill(block, at, first, last);
    spread(block, gradient, all, sums[static_cast<std::size_t>(part)]);
  });
  Sums& total = sums[0];
  for (std::size_t p = 1; p < sums.size(); ++p) {
    for (const auto field : {&Sums::distance, &Sums::out, &Sums::out_bias, &Sums::attention, &Sums::position,
                             &Sums::position_bias, &Sums::pull})
      add((total.*field).data(), (sums[p].*field).data(), static_cast<int64_t>((total.*field).size()));
    total.attention_bias += sums[p].attention_bias;
  }
  const auto column = [&](const std::vector<float>& sum) { return unpadded_rows(sum, 1, width_).flatten(); };
  std::vector<Tensor> results{all.own,
                              all.other,
                              all.y,
                              unpadded_rows(total.distance, features_, width_),
                              unpadded_rows(total.out, width_, width_),
                              column(total.out_bias)};
  if (!attention_.empty()) {
    results.push_back(column(total.attention).unsqueeze(1));
    results.push_back(at::full({1}, total.attention_bias, at::kFloat));
  }
  results.push_back(unpadded_rows(total.position, width_, width_));
  results.push_back(column(total.position_bias));
  results.push_back(column(total.pull).unsqueeze(1));
  return results;
}

// From what is wanted of move and heard back to what they were made of: g is the gradient of z3, then of z1, h that of
// what was said, then of z2.
void FusedPairs::spread(Block& b, const Output& gradient, const Gradients& all, Sums& sums) const {
  back_through_move(b, gradient, sums);
  kernels_.chain(b.g.get(), b.s3.get(), b.rows, row_, sums.position_bias.data());
  kernels_.product(b.said.get(), 1, row_, b.g.get(), width_, b.rows, row_, sums.position.data(), true);
  kernels_.product(b.g.get(), row_, 1, position_.transposed.data(), b.rows, width_, row_, b.h.get(), false);
  back_through_gate(b, gradient, sums);
  kernels_.chain(b.h.get(), b.s2.get(), b.rows, row_, sums.out_bias.data());
  kernels_.product(b.z1.get(), 1, row_, b.h.get(), width_, b.rows, row_, sums.out.data(), true);
  kernels_.product(b.h.get(), row_, 1, out_.transposed.data(), b.rows, width_, row_, b.g.get(), false);
  kernels_.chain(b.g.get(), b.s1.get(), b.rows, row_, sums.unused.data());
  kernels_.product(b.features.get(), 1, features_, b.g.get(), features_, b.rows, row_, sums.distance.data(), true);
  kernels_.product(b.g.get(), row_, 1, distance_.transposed.data(), b.rows, width_, distance_.padded_in,
                   b.of_features.get(), false);
  back_to_particles(b, gradient, all);
}

// move = apart * inverse * (pull . z3).
void FusedPairs::back_through_move(Block& b, const Output& gradient, Sums& sums) const {
  const RowsOf wanted(gradient.move, dim_);
  for (int32_t r = 0; r < b.rows; ++r) {
    float along = 0;
    for (int64_t d = 0; d < dim_; ++d) along += wanted[b.centre[r]][d] * b.apart[r * dim_ + d];
    b.along[r] = along;
    const float of_pull = along * b.inverse[r];
    add_scaled(sums.pull.data(), of_pull, &b.z3[r * row_], row_);
    for (int64_t k = 0; k < row_; ++k) b.g[r * row_ + k] = of_pull * pull_[static_cast<std::size_t>(k)];
  }
}

// said = gate * z2.
void FusedPairs::back_through_gate(Block& b, const Output& gradient, Sums& sums) const {
  const RowsOf wanted(gradient.heard, width_);
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const h = &b.h[r * row_], *const z = &b.z2[r * row_];
    if (wanted) add(h, wanted[b.centre[r]], width_);
    if (attention_.empty()) continue;
    const float gate = b.gate[r], of_gate = dot(h, z, row_) * gate * (1 - gate);
    add_scaled(sums.attention.data(), of_gate, z, row_);
    sums.attention_bias += of_gate;
    for (int64_t k = 0; k < row_; ++k) h[k] = gate * h[k] + of_gate * attention_[static_cast<std::size_t>(k)];
  }
}

void FusedPairs::back_to_particles(const Block& b, const Output& gradient, const Gradients& all) const {
  const RowsOf wanted(gradient.move, dim_), own(all.own, width_), other(all.other, width_), y(all.y, dim_);
  for (int32_t r = 0; r < b.rows; ++r) {
    const int64_t i = b.centre[r], j = b.partner[r];
    add(own[i], &b.g[r * row_], width_);
    add(other[j], &b.g[r * row_], width_);
    float of_square = b.along[r] * b.pull[r] * b.inverse_slope[r];
    for (int64_t k = 0; k < features_; ++k)
      of_square += b.features_slope[r * features_ + k] * b.of_features[r * distance_.padded_in + k];
    for (int64_t d = 0; d < dim_; ++d) {
      const float of_apart = wanted[i][d] * b.inverse[r] * b.pull[r] + 2 * of_square * b.apart[r * dim_ + d];
      y[i][d] += of_apart;
      y[j][d] -= of_apart;
    }
  }
}

}  // namespace genmatch
