#pragma once
// A flow along Gaussian paths as stochastic processes. Both need the score, which follows from the velocity.
#include "core/gaussian/diffusion_coefficient.h"
#include "core/process/gaussian_flow.h"

namespace genmatch {

using DiffusionCoefficientPtr = std::shared_ptr<const DiffusionCoefficient>;

/// Langevin dynamics of p_t at each t: drift 1/2 g^2 s, variance g^2. Preserves p_t.
class Langevin final : public Generator {
 public:
  /// OptionError unless all paths are Gaussian; ContractError without a flow or coefficient.
  Langevin(GeneratorPtr flow, const Factors& factors, DiffusionCoefficientPtr g);
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;

 private:
  GaussianFlow flow_;
  DiffusionCoefficientPtr g_;
};

/// The diffusion with the marginals of a flow: drift u + 1/2 g^2 s, variance g^2 (Song et al. 2021, arXiv
/// 2011.13456; Ma et al. 2024, arXiv 2401.08740). One evaluation of the flow. Errors as Langevin.
class Diffused final : public Generator {
 public:
  Diffused(GeneratorPtr flow, const Factors& factors, DiffusionCoefficientPtr g);
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;

 private:
  GaussianFlow flow_;
  DiffusionCoefficientPtr g_;
};

}  // namespace genmatch
