#pragma once
// What a generator is, at a point: a plain struct that adds and scales.
#include "core/tensor.h"

namespace genmatch {

/// L f = <grad f, drift> + 1/2 variance Lap f + sum_k rates_k (f(destinations_k) - f), for a batch of B points
/// (Holderrieth et al. 2024, arXiv 2410.20587). An undefined tensor means "absent".
struct Coefficients {
  Tensor drift;         ///< [B, *event] tangent at x, per unit time
  Tensor variance;      ///< [B] sigma^2 per unit time (isotropic)
  Tensor rates;         ///< [B, *coords, S] on an alphabet, [B, (*coords,) K] with destinations; per unit time
  Tensor destinations;  ///< candidate jump targets; undefined on an alphabet
};

/// L1 + L2. Jumps with destinations are joined along K; rates on the same alphabet add. ContractError for shapes that
/// do not match, and for rates of the two sorts.
Coefficients add(const Coefficients& a, const Coefficients& b);

/// weight * L; weight is a scalar tensor or [B] (else ContractError). Destinations do not scale.
Coefficients scale(const Coefficients& c, const Tensor& weight);
Coefficients scale(const Coefficients& c, double weight);

}  // namespace genmatch
