#pragma once
#include "core/process/factor.h"
#include "core/process/generator.h"

namespace genmatch {

/// The exact marginal generator over a finite data set: sum_i w_i(x) F_t^{x1_i}(x), w = softmax_i ln p_t(x | x1_i).
/// What a perfect network would learn from independent pairs; solvers, likelihoods and samplers are tested
/// against it without training.
class ExactGenerator final : public Generator {
 public:
  /// data: one [N, *event] per factor, N >= 1; weights [N] >= 0 (equal if undefined).
  ExactGenerator(Factors factors, State data, Tensor weights = {});
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;
  /// ln p_t(x) of the marginal path: [B].
  Tensor log_density(const State& x, const Tensor& t) const;
  /// Draws x_t ~ p_t, t in [0, 1] scalar: n rows per factor.
  State sample(int64_t n, double t, Rng& rng) const;

 private:
  Tensor log_weights(const State& x, const Tensor& t) const;  // [B, N], joint ln w_i p_t(x | x1_i)
  Factors factors_;
  State data_;
  Tensor log_prior_;
};

}  // namespace genmatch
