#pragma once
// The posterior of the data symbol at each coordinate, p(x1^i = s | x_t), and the rates that it gives. Logits are
// [B, *coords, S]. On a masked path the mask hides the symbol and all others show it: there the posterior is x_t
// itself, whatever the logits.
#include "core/tensor.h"
#include "discrete/mixture_path.h"

namespace genmatch {

/// ln p(x1^i = s | x_t), normalised: [B, *coords, S].
Tensor log_posterior(const SymbolPath& path, const Tensor& xt, const Tensor& logits);
/// The same of one symbol at each coordinate, [B, *coords]; -inf for masks.
Tensor log_posterior_of(const SymbolPath& path, const Tensor& xt, const Tensor& logits, const Tensor& symbols);
/// The logarithm of the posterior of one who knows x1: 0 there, else -inf.
Tensor log_certainty(const Alphabet& alphabet, const Tensor& x1, const at::TensorOptions& like);

/// Rates to each value, [B, *coords, V] and 0 to x_t itself, per unit of kappa (times d kappa / dt: per unit of time),
/// where the share left = 1 - kappa, [B], of the source remains. All are linear in the posterior.
///
/// Those of the path's simplest process, where a coordinate jumps from the source to the data once:
/// p(y | x_t) / (1 - kappa) (Gat et al. 2024, arXiv 2407.15595).
Tensor forward_rates(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& log_posterior);
/// Back to the source: (1 / kappa) p(x0^i = y | x_t). Added to as many of the forward ones, they preserve the law: the
/// corrector of Gat et al., for masks Campbell et al.'s (2024, arXiv 2402.04997) stochasticity by detailed balance.
Tensor backward_rates(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& log_posterior);
/// Those of the reversed noising process, in which coordinates are drawn anew from the source at the rate 1 / kappa
/// (Austin et al. 2021, arXiv 2107.03006). For masks the same as forward_rates.
Tensor reversal_rates(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& log_posterior);

/// Sum over coordinates of the generalised KL divergence of rates, target + predicted's excess:
/// sum_y predicted - target + target ln(target / predicted), with the target's posterior at x1: [B], per unit of kappa.
/// Its mean over x_t, integrated over kappa, bounds -ln p_1(x1) from above (Shaul et al. 2024, arXiv
/// 2412.03487).
Tensor forward_divergence(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& x1,
                          const Tensor& logits);
Tensor reversal_divergence(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& x1,
                           const Tensor& logits);

}  // namespace genmatch
