#pragma once
#include "core/process/generator.h"

namespace genmatch {

/// A normal law on R^d.
struct Gaussian {
  Tensor mean;        ///< [d]
  Tensor covariance;  ///< [d, d], symmetric and positive definite
};

/// The Schrödinger bridge between two Gaussians with reference sigma dW, in closed form (Janati et al. 2020, arXiv
/// 2006.02572; Bunne et al. 2023, arXiv 2202.05722); with sigma = 0 the optimal transport between them. What SB-CFM,
/// SF2M and DSBM should reach. As a Generator on one factor R^d it is the bridge's probability flow.
class GaussianBridge final : public Generator {
 public:
  /// ContractError for shapes that do not fit, covariances that are not one, and sigma < 0.
  GaussianBridge(Gaussian from, Gaussian to, double sigma);

  /// E[(x0 - m0)(x1 - m1)^T] under the static bridge: [d, d].
  const Tensor& cross_covariance() const { return cross_; }
  /// E|x0 - x1|^2 under it; with sigma = 0, W2^2.
  double cost() const;
  /// The law of x_t, t in [0, 1].
  Gaussian marginal(double t) const;
  /// The velocity of the probability flow and grad ln p_t at x [B, d], one t for all: [B, d]. The bridge is the
  /// diffusion with drift velocity + sigma^2 / 2 score and variance sigma^2.
  Tensor velocity(const Tensor& x, double t) const;
  Tensor score(const Tensor& x, double t) const;
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;

 private:
  Gaussian from_, to_;  // float64, CPU
  double sigma_;
  Tensor cross_;
};

}  // namespace genmatch
