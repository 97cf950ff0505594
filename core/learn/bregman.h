#pragma once
#include "core/process/coefficients.h"
#include "core/process/space.h"

namespace genmatch {

/// The Bregman divergence D(target, predicted) >= 0 per row, [B]: its conditional expectation is minimised by the
/// posterior mean of the target (Holderrieth et al. 2024, Prop. 2). The sum of
///   drift     |target - predicted|_g^2 / dim                          (phi = |.|^2)
///   variance  (target - predicted)^2                                  (phi = square)
///   rates     sum_k predicted - target + target ln(target / predicted) (phi = x ln x; Poisson)
/// over the coefficients that are present; both must have the same ones (ContractError).
Tensor bregman(const Space& space, const Tensor& x, const Coefficients& target, const Coefficients& predicted);

}  // namespace genmatch
