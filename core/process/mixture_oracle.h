#pragma once
#include <memory>

#include "core/gaussian/gaussian_schedule.h"
#include "core/process/generator.h"
#include "core/rng.h"

namespace genmatch {

/// sum_k weights_k N(means_k, covariances_k) on R^d.
struct GaussianMixture {
  Tensor weights;      ///< [K], above 0; they are normalised
  Tensor means;        ///< [K, d]
  Tensor covariances;  ///< [K, d, d], symmetric and positive semidefinite
};

/// The exact probability flow of a Gaussian mixture along x_t = alpha x1 + sigma eps: each p_t is a mixture too. The
/// reference for what samplers, likelihoods and trained models should give. Generator on one factor R^d.
class MixtureOracle final : public Generator {
 public:
  /// ContractError for shapes that do not fit, weights not above 0, covariances that are not one, and no schedule.
  MixtureOracle(const GaussianMixture& target, std::shared_ptr<const GaussianSchedule> schedule);
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;

  Tensor velocity(const Tensor& x, const Tensor& t) const;     ///< u_t(x) for x [B, d], t [B]: [B, d]
  Tensor score(const Tensor& x, const Tensor& t) const;        ///< grad ln p_t(x): [B, d]
  Tensor log_density(const Tensor& x, const Tensor& t) const;  ///< ln p_t(x): [B]
  /// The probability that x ~ p_t comes from each component: [B, K].
  Tensor responsibilities(const Tensor& x, const Tensor& t) const;
  /// x_t ~ p_t, t in [0, 1]: [n, d].
  Tensor sample(int64_t n, double t, Rng& rng, const at::TensorOptions& like) const;

 private:
  struct Marginal;  // of each component at a batch of points, in the axes of its covariance
  Marginal marginal(const Tensor& x, const Tensor& t) const;
  Tensor along_axes(const Marginal& m, const Tensor& gain) const;  // [B, K, d]: x - alpha m_k, scaled along each axis

  std::shared_ptr<const GaussianSchedule> schedule_;
  Tensor log_weights_, means_, variances_, axes_;  // float64: [K], [K, d], [K, d], [K, d, d] with axes in columns
};

}  // namespace genmatch
