#pragma once
#include "core/tensor.h"

namespace genmatch {

/// Round Gaussians: the density is sum_k weight_k N(x; mean_k, scale_k^2 I). float64, CPU.
struct GaussianMixture {
  Tensor means;        ///< [K, D]
  Tensor scales;       ///< [K], standard deviations > 0
  Tensor log_weights;  ///< [K], of weights that sum to one
};

/// ln of the density at x [N, D]: [N]. Takes tens of megabytes for any N and K.
Tensor log_density(const GaussianMixture& mixture, const Tensor& x);

/// ln N(x; mean_k, scale_k^2 I) with k = label, int64 [N]: [N].
Tensor log_density_of(const GaussianMixture& mixture, const Tensor& x, const Tensor& label);

/// `count` points at equal angles from (radius, 0) on: [count, 2] float64.
Tensor circle(int64_t count, double radius);

}  // namespace genmatch
