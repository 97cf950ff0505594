#include <cmath>

#include "equivariant/models/fused_pairs_impl.h"

namespace genmatch {
namespace {

constexpr int64_t widest = 128;

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

bool FusedPairs::takes(const PairWeights& weights, const Tensor& own) {
  return own.scalar_type() == at::kFloat && own.device().is_cpu() && weights.out.size(0) <= widest;
}

FusedPairs::FusedPairs(const PairWeights& weights, int64_t particles, int64_t dim, bool heard,
                       const DenseKernels& kernels)
    : kernels_(kernels),
      particles_(particles),
      dim_(dim),
      heard_(heard),
      radial_(weights.radial),
      unit_(std::max(kernels.padding, lanes)),
      width_(static_cast<int32_t>(weights.out.size(0))),
      features_(static_cast<int32_t>(weights.distance.size(0))),
      row_(padded(width_, unit_)),
      distance_(matrix(weights.distance)),
      out_(matrix(weights.out)),
      position_(matrix(weights.position)),
      out_bias_(vector(weights.out_bias)),
      position_bias_(vector(weights.position_bias)),
      pull_(vector(weights.pull)) {
  if (!weights.attention.defined()) return;
  attention_ = vector(weights.attention);
  attention_bias_ = weights.attention_bias.item<float>();
}

std::vector<float> FusedPairs::vector(const Tensor& values) const {
  return padded_rows(values.reshape({1, -1}), unit_);
}

FusedPairs::Matrix FusedPairs::matrix(const Tensor& weight) const {
  const int64_t in = weight.size(0), out = weight.size(1);
  return {static_cast<int32_t>(in), static_cast<int32_t>(out),  padded(in, unit_),
          padded(out, unit_),       padded_rows(weight, unit_), padded_rows(weight.t(), unit_)};
}

void FusedPairs::fill(Block& b, const Input& at, int64_t first, int64_t last) const {
  b.rows = 0;
  const float* const presence = at.presence.defined() ? at.presence.data_ptr<float>() : nullptr;
  const auto there = [&](int64_t i) { return presence == nullptr || presence[i] != 0; };
  for (int64_t i = first; i < last; ++i) {
    if (!there(i)) continue;
    const int64_t cloud = i / particles_ * particles_;
    for (int64_t j = cloud; j < cloud + particles_; ++j) {
      if (j == i || !there(j)) continue;
      b.centre[static_cast<std::size_t>(b.rows)] = i;
      b.partner[static_cast<std::size_t>(b.rows++)] = j;
    }
  }
  describe_distances(b, at);
  kernels_.product(b.features.get(), features_, 1, distance_.weight.data(), b.rows, features_, row_, b.z1.get(), false);
  static const std::vector<float> no_bias = floats(padded(widest, unit_) + lanes);
  const RowsOf owns(at.own, width_), others(at.other, width_);
  for (int32_t r = 0; r < b.rows; ++r) {
    const auto u = static_cast<std::size_t>(r);
    const float *const own = owns[b.centre[u]], *const other = others[b.partner[u]];
    float* const z = &b.z1[u * static_cast<std::size_t>(row_)];
    for (int32_t k = 0; k < width_; ++k) z[k] += own[k] + other[k];
  }
  kernels_.activate(Nonlinearity::silu, b.z1.get(), no_bias.data(), b.rows, row_, b.s1.get());
  kernels_.product(b.z1.get(), row_, 1, out_.weight.data(), b.rows, width_, row_, b.z2.get(), false);
  kernels_.activate(Nonlinearity::silu, b.z2.get(), out_bias_.data(), b.rows, row_, b.s2.get());
  for (int32_t r = 0; r < b.rows; ++r) {
    const int64_t place = static_cast<int64_t>(r) * row_;
    const float gate = attention_.empty() ? 1 : sigmoid(dot(&b.z2[place], attention_.data(), row_) + attention_bias_);
    b.gate[r] = gate;
    for (int32_t k = 0; k < row_; ++k) b.said[place + k] = gate * b.z2[place + k];
  }
  kernels_.product(b.said.get(), row_, 1, position_.weight.data(), b.rows, width_, row_, b.z3.get(), false);
  kernels_.activate(Nonlinearity::silu, b.z3.get(), position_bias_.data(), b.rows, row_, b.s3.get());
  for (int32_t r = 0; r < b.rows; ++r) b.pull[r] = dot(&b.z3[static_cast<int64_t>(r) * row_], pull_.data(), row_);
}

void FusedPairs::describe_distances(Block& b, const Input& at) const {
  const RowsOf y(at.y, dim_), x(at.start, dim_);
  const auto spacing = static_cast<float>(radial_.spacing());
  for (int32_t r = 0; r < b.rows; ++r) {
    const float *const yi = y[b.centre[r]], *const yj = y[b.partner[r]];
    const float *const xi = x[b.centre[r]], *const xj = x[b.partner[r]];
    float q = 0, q_start = 0;
    for (int64_t d = 0; d < dim_; ++d) {
      const float apart = yi[d] - yj[d], start = xi[d] - xj[d];
      b.apart[r * dim_ + d] = apart;
      q += apart * apart;
      q_start += start * start;
    }
    const float distance = std::sqrt(q + static_cast<float>(meeting)), inverse = 1 / (1 + distance);
    b.inverse[r] = inverse;
    b.inverse_slope[r] = -0.5F * inverse * inverse / distance;
    float *const feature = &b.features[static_cast<int64_t>(r) * features_],
                 *const slope = &b.features_slope[static_cast<int64_t>(r) * features_];
    feature[0] = q, feature[1] = q_start;
    slope[0] = 1, slope[1] = 0;
    kernels_.radial_basis(distance, spacing, 1, features_ - 2, feature + 2, slope + 2);
  }
}

void FusedPairs::gather(const Block& b, const Output& out) const {
  const RowsOf move(out.move, dim_), heard(out.heard, width_);
  for (int32_t r = 0; r < b.rows; ++r) {
    add_scaled(move[b.centre[r]], b.inverse[r] * b.pull[r], &b.apart[r * dim_], dim_);
    if (heard) add(heard[b.centre[r]], &b.said[r * row_], width_);
  }
}

FusedPairs::Output FusedPairs::forward(const Input& at) const {
  Output out{at::zeros_like(at.y), heard_ ? at::zeros_like(at.own) : Tensor()};
  for_parts(at.y.size(0), [&](int64_t, Block& block, int64_t first, int64_t last) {
    fill(block, at, first, last);
    gather(block, out);
  });
  return out;
}

}  // namespace genmatch
