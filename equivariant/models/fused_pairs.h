#pragma once
#include <vector>

#include "core/learn/dense_kernels.h"
#include "equivariant/models/pair_messages.h"

namespace genmatch {

/// pair_messages in single precision on the CPU, a few hundred pairs at a time while all that is computed of them is in
/// the cache. Clouds are shared out to the threads in parts that do not depend on their number, so that neither do the
/// results.
class FusedPairs {
 public:
  static bool takes(const PairWeights& weights, const Tensor& own);

  FusedPairs(const PairWeights& weights, int64_t particles, int64_t dim, bool heard,
             const DenseKernels& kernels = best_dense_kernels());

  /// float32: own, other [B, N, W], y, start [B, N, D], presence [B, N, 1] or undefined; contiguous.
  struct Input {
    Tensor own, other, y, start, presence = {};
  };
  struct Output {
    Tensor move, heard;
  };
  Output forward(const Input& at) const;
  /// The gradients of own, other, y and then of the weights, in the order of PairWeights::tensors().
  std::vector<Tensor> backward(const Input& at, const Output& gradient) const;
  /// Value, and derivatives along K directions, [K, B, ...].
  std::pair<Output, Output> jvp(const Input& at, const Input& directions) const;

 private:
  struct Matrix {
    int32_t in, out, padded_in, padded_out;
    std::vector<float> weight, transposed;  // [in, padded_out], [out, padded_in], padded with zeros
  };
  struct Block;      // what is computed of some pairs
  struct Sums;       // the gradients of the weights, of a part of the clouds
  struct Gradients;  // of everything
  Matrix matrix(const Tensor& weight) const;
  std::vector<float> vector(const Tensor& values) const;
  void fill(Block& block, const Input& at, int64_t first, int64_t last) const;
  void describe_distances(Block& block, const Input& at) const;
  void gather(const Block& block, const Output& out) const;
  void spread(Block& block, const Output& gradient, const Gradients& all, Sums& sums) const;
  void back_through_move(Block& block, const Output& gradient, Sums& sums) const;
  void back_through_gate(Block& block, const Output& gradient, Sums& sums) const;
  void back_to_particles(const Block& block, const Output& gradient, const Gradients& all) const;
  void push(Block& block, const Input& at, const Input& directions, const Output& derivative, int64_t k) const;
  void push_distances(Block& block, const Input& at, const Input& directions, int64_t first) const;
  void push_moves(Block& block, float* moves) const;
  template <class Work>
  void for_parts(int64_t clouds, const Work& work) const;

  const DenseKernels& kernels_;
  int64_t particles_, dim_;
  bool heard_;
  RadialFeatures radial_;
  int32_t unit_;                    // rows are padded to a multiple of it
  int32_t width_, features_, row_;  // row_: padded width
  Matrix distance_, out_, position_;
  std::vector<float> out_bias_, position_bias_, attention_, pull_;
  float attention_bias_ = 0;
};

}  // namespace genmatch
