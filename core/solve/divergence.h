#pragma once
#include "core/config/catalog.h"
#include "core/process/generator.h"

namespace genmatch {

/// Orthonormal tangent directions of the product space, one after the other: per factor [D, B, *event] with D the
/// sum of the factors' dimensions; each direction moves one factor only.
State product_basis(const Spaces& spaces, const State& x);

/// sum_f <z_f, nabla_{z_f} drift_f> for each direction z (moving all factors): [K, B]. Summed over product_basis it is
/// the Riemannian divergence of the drift; for a tangent white noise it is an unbiased estimate of it (Hutchinson
/// 1990). NumericalError if there is a variance or rates.
Tensor directional_divergence(const Spaces& spaces, const State& x, const Linearised& generator,
                              const State& directions);

}  // namespace genmatch
