#pragma once
#include <memory>

#include "equivariant/models/radial_features.h"

namespace genmatch {

class FusedFilters;

/// All pairs of each cloud [B, N, D] as filters and vectors need them, for several rounds of messages. What is heard of
/// all others is divided by sqrt(N - 1), so that sums stay at the scale of one.
class Neighbours {
 public:
  /// `width` of the messages that will go over them: small ones in single precision on the CPU take the fast way unless
  /// x requires a gradient.
  ///   presence [B, N, 1], 0 where there is no particle, or undefined.
  Neighbours(const Dual& x, const Tensor& presence, const RadialFeatures& features, int64_t width);
  /// By tensor operations: slow, and plain to read.
  static Neighbours plain(const Dual& x, const Tensor& presence, const RadialFeatures& features);

  struct Heard {
    Dual scalars;  ///< [B, N, F]
    Dual vectors;  ///< [B, N, D, F]
  };
  /// With (a, b, c)_ij = said_j W(d_ij), number by number, W(d) = radial features of d times `filter` [K, 3F]:
  /// scalars_i = sum_j a_ij and vectors_i = sum_j b_ij v_j + c_ij (x_i - x_j) / (1 + d_ij).
  ///   said [B, N, 3F]; v [B, N, D, F], or undefined for zeros.
  /// Autograd sees the values if there are no directions.
  Heard hear(const Tensor& filter, const Dual& said, const Dual& v) const;

 private:
  Neighbours() = default;
  Dual radial_;                                // [B, N, N, K]; zero from a particle to itself
  Dual toward_;                                // [B, N, N, D, 1]
  std::shared_ptr<const FusedFilters> fused_;  // instead of these
};

}  // namespace genmatch
