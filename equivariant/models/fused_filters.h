#pragma once
#include <vector>

#include "core/learn/dense_kernels.h"
#include "equivariant/models/radial_features.h"

namespace genmatch {

/// Neighbours::hear in single precision on the CPU: filters are computed once for both particles of a pair, some pairs
/// at a time while they are in the cache, and no number of a pair is kept. Clouds are shared out to the threads in
/// parts that do not depend on their number, so that neither do the results.
class FusedFilters {
 public:
  /// x [B, N, D] float32, and its derivatives [K, B, N, D] or undefined; presence [B, N, 1] or undefined.
  FusedFilters(const Dual& x, const Tensor& presence, const RadialFeatures& features,
               const DenseKernels& kernels = best_dense_kernels());

  /// float32, contiguous, or undefined for zeros.
  struct Values {
    Tensor scalars;  ///< [B, N, F] of what is heard, [B, N, 3F] of what is said
    Tensor vectors;  ///< [B, N, D, F]
  };
  Values forward(const Tensor& filter, const Values& said) const;
  /// The gradients of what is said and then of the filter.
  std::pair<Values, Tensor> backward(const Tensor& filter, const Values& said, const Values& gradient) const;
  /// The derivatives along the directions of x, and of what is said [K, ...].
  Values jvp(const Tensor& filter, const Values& said, const Values& along) const;
  bool has_directions() const { return along_.defined(); }
  int64_t directions() const { return along_.size(0); }
  int64_t dim() const { return dim_; }

 private:
  struct Pairs;  // some pairs of one cloud
  void describe(const float* x, const float* presence, const RadialFeatures& features);
  template <class Work>
  void for_pairs(const Tensor& filter, bool slopes, const Work& work) const;

  const DenseKernels& kernels_;
  Tensor x_, along_;
  int64_t clouds_, particles_, dim_, count_, pairs_;
  std::vector<int32_t> first_, second_;  // particles i < j of each pair
  std::vector<float> radial_, slope_;    // [clouds, pairs, K]; slope: by the squared distance
  // [clouds, pairs, D] x_i - x_j and that times the inverse, [clouds, pairs] 1 / (1 + d) and its slope.
  std::vector<float> apart_, toward_, inverse_, inverse_slope_;
};

}  // namespace genmatch
