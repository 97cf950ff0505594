#pragma once
#include "core/config/fields.h"
#include "core/process/factor.h"
#include "core/process/generator.h"
#include "core/solve/simulate.h"
#include "core/solve/stepper.h"

namespace genmatch {

/// How the divergence of the drift is computed.
struct DivergenceOptions {
  std::string type = "exact";        ///< exact | hutchinson
  int64_t probes = 1;                ///< K, Hutchinson only
  std::string noise = "rademacher";  ///< rademacher | gaussian, made tangent by Manifold::tangent_noise
  void fields(Fields& f);
};

struct Likelihood {
  Tensor log_density;     ///< [B], with respect to the product of the spaces' measures; NaN where the solver failed
  Tensor standard_error;  ///< [B], of the Hutchinson estimate over its K probes; zero if exact, NaN if K = 1
  State x;                ///< where the ODE ended: x(0) for log_density, the samples for sample_with_density
  Solution solution;
};

/// ln p_1(x1) by the instantaneous change of variables, solved from t = 1 back to 0 with the log-density as one
/// more Euclidean factor (Chen et al. 2018; Chen & Lipman 2024, eq. 9). Each probe is fixed along its trajectory.
/// NumericalError if the generator has a variance or rates: only flows have this likelihood. ContractError if x1
/// does not fit the spaces or holds a point that is not on them.
Likelihood log_density(const Generator& generator, const Factors& factors, const State& x1, const Stepper& stepper,
                       const DivergenceOptions& divergence, Rng& rng, const StepCallback& callback = {});

/// Samples n points and their log-density in one forward solve. The points are those that simulate gives from
/// sample_source(factors, n, rng, like).
Likelihood sample_with_density(const Generator& generator, const Factors& factors, int64_t n, const Stepper& stepper,
                               const DivergenceOptions& divergence, const at::TensorOptions& like, Rng& rng,
                               const StepCallback& callback = {});

/// Riemannian divergence of the drift at (x, t) summed over factors: [B] (exact). Errors as log_density.
Tensor divergence(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t);

}  // namespace genmatch
