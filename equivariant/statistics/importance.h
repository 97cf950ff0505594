#pragma once
#include "core/measure/evaluation.h"
#include "equivariant/particles/energy.h"

namespace genmatch {

/// The energy that samples on `spaces` are held against: the stated one, else that of context.data. OptionError naming
/// `who` if there is none, or a wrong space.
Energy target_energy(const EnergyOptions& stated, const Spaces& spaces, const FigureContext& context, const char* who);
/// The same of an evaluation; where its context has no data, of those its splits come from.
Energy target_energy(const EnergyOptions& stated, const Evaluation& evaluation, const char* who);

/// ln w = -E(x) - ln p_1(x) of all samples of the model, for the target exp(-E) without its normaliser: float64 [n],
/// -infinity (weight zero) where the solver failed. DataError naming `who` if there is no density, NumericalError if
/// more than 1 % have failed.
Tensor log_importance(Evaluation& evaluation, const Energy& energy, const char* who);

/// (sum w)^2 / (n sum w^2) with its standard error by the delta method: the share of n independent draws of the target
/// that n weighted samples are worth. In (0, 1].
Estimate effective_share(const Tensor& log_weight);

/// -ln of the mean of w, an estimate of -ln Z (with a bias of order 1/n) for Z the integral of exp(-E), with its
/// standard error by `resamples` bootstrap samples.
Estimate free_energy(const Tensor& log_weight, int64_t resamples, Rng& rng);

/// -ln (Z_B / Z_A) = -ln <exp(E_A - E_B)>_A, where <f>_A = sum w f / sum w by the weights of samples for the target A:
/// `log_ratio` [n] is E_A - E_B at the samples. Error and bias as above.
/// Zwanzig 1954, doi:10.1063/1.1740409; Wirnsberger et al. 2020, arXiv 2002.04913.
Estimate free_energy_difference(const Tensor& log_weight, const Tensor& log_ratio, int64_t resamples, Rng& rng);

/// Mean or variance of `values` [n] under the target of the weights: sum w f / sum w, and sum w (f - mean)^2 / sum w.
/// Biased by order 1/n; standard errors by bootstrap.
Estimate weighted_mean(const Tensor& log_weight, const Tensor& values, int64_t resamples, Rng& rng);
Estimate weighted_variance(const Tensor& log_weight, const Tensor& values, int64_t resamples, Rng& rng);

}  // namespace genmatch
