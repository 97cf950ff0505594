#pragma once
#include "core/measure/evaluation.h"
#include "equivariant/energy.h"

namespace genmatch {

/// The energy that an evaluation's samples are held against: the stated one, else that of the data. OptionError naming
/// `who` if there is none.
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

}  // namespace genmatch
