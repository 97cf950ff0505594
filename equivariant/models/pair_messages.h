#pragma once
#include "equivariant/models/radial_features.h"

namespace genmatch {

/// What a round of messages is computed with; W numbers per pair, F = 2 + K of the distance.
struct PairWeights {
  Tensor distance;                       ///< [F, W]
  Tensor out, out_bias;                  ///< [W, W], [W]
  Tensor attention, attention_bias;      ///< [W, 1], [1], or undefined
  Tensor position, position_bias, pull;  ///< [W, W], [W], [W, 1]
  RadialFeatures radial;

  std::vector<Tensor> tensors() const;  ///< those that are defined, in this order
};

/// own, other [B, N, W]; y, start [B, N, D], and their derivatives if there are directions; presence [B, N, 1], 0 where
/// there is no particle, or undefined.
struct PairEnds {
  Dual own, other, y, start;
  Tensor presence = {};
};

struct PairMessages {
  Dual move;   ///< sum_j (y_i - y_j) / (1 + |y_i - y_j|) p_ij: [B, N, D]
  Dual heard;  ///< sum_j m_ij: [B, N, W]
};

/// Of all pairs i != j of particles of each cloud, with q_ij = |y_i - y_j|^2 and those at the start: m'_ij = silu(out
/// silu(own_i + other_j + distance (q_ij, q_ij at the start, radial features of |y_i - y_j|))), m_ij =
/// sigmoid(attention m'_ij) m'_ij, p_ij = pull silu(position m_ij). Autograd sees the values if there are no
/// directions. Small widths in single precision on the CPU take the fast way (equivariant/models/fused_pairs.h) unless
/// `start` requires a gradient; the rest tensor operations. `heard` is left undefined unless wanted.
PairMessages pair_messages(const PairWeights& weights, const PairEnds& of, bool heard);

/// The same by tensor operations: slow, and plain to read.
PairMessages plain_pair_messages(const PairWeights& weights, const PairEnds& of, bool heard);

}  // namespace genmatch
