#pragma once
#include "core/process/factor.h"
#include "core/process/generator.h"
#include "core/process/pairs.h"

namespace genmatch {

/// The exact marginal generator over a finite data set: sum_i w_i(x) F_t^{x1_i}(x), w = softmax_i ln p_t(x | x1_i).
/// What a perfect network would learn from independent pairs; solvers, likelihoods and samplers are tested
/// against it without training. Where no data point's path reaches x, the nearest one takes all the weight.
///
/// Time is O(B N); memory O(N) beyond the result, whatever B is. Differentiable in x.
class ExactGenerator final : public Generator {
 public:
  /// data: one [N, *event] per factor, N >= 1; weights [N] >= 0 (equal if undefined). ContractError otherwise, and
  /// from at() for kinds whose coefficients have no mean (jumps with destinations).
  ExactGenerator(Factors factors, State data, Tensor weights = {});
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;
  Linearised along(const State& x, const Tensor& t, const State& directions) const override;
  /// ln p_t(x) of the marginal path: [B].
  Tensor log_density(const State& x, const Tensor& t) const;
  /// Draws x_t ~ p_t, t in [0, 1] scalar: n rows per factor.
  State sample(int64_t n, double t, Rng& rng) const;

 private:
  struct Posterior;  // of the data point, for each row of a batch
  std::vector<Range> blocks_of_rows(const State& x, const Tensor& t) const;
  std::vector<Range> blocks_of_data() const;
  Tensor log_weights(const State& x, const Tensor& t, Range data) const;  // [B, n], joint ln w_i p_t(x | x1_i)
  Tensor log_weights(const State& x, const Tensor& t) const;              // [B, N]
  Tensor nearest(const State& x) const;                                   // [B, 1], index of the data point
  Posterior posterior(const State& x, const Tensor& log_weights) const;
  std::vector<Coefficients> sums(const State& x, const Tensor& t, const Tensor& weights, Range data) const;
  std::vector<Tensor> derivative_of_sums(const State& x, const Tensor& t, const State& directions) const;

  Factors factors_;
  State data_;
  Tensor log_prior_;   // [N], normalised
  int64_t pairs_ = 0;  // of a row and a data point, per block
};

}  // namespace genmatch
