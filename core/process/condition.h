#pragma once
// What a process is given and does not change: a class, a vector, a place. It is one more factor of the product space,
// the last, on which no process runs, so that p_t(x | c) is learned, sampled and evaluated as p_t(x, c) would be.
#include "core/process/factor.h"
#include "core/process/manifold.h"

namespace genmatch {

/// The points of several spaces side by side [..., sum of their event sizes], and 1; or, where nothing is given, zeros.
/// A manifold of dimension zero: nothing moves on it.
class Condition final : public Manifold {
 public:
  /// ContractError without a part.
  explicit Condition(Spaces parts);
  Tensor given(const State& values) const;  ///< one [..., *event] per part, as a point
  State values(const Tensor& x) const;      ///< the other way; of withheld ones, zeros

  std::string describe() const override;
  Shape event_shape() const override { return {size_ + 1}; }
  int64_t dim() const override { return 0; }
  double injectivity_radius() const override { return 0; }
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override;
  Tensor log_base_density(const Tensor& x) const override;
  /// Of what both are given: withheld conditions are at no distance from any.
  Tensor distance(const Tensor& x, const Tensor& y) const override;
  Tensor violation(const Tensor& x) const override;
  int64_t feature_size() const override;
  Tensor features(const Tensor& x) const override;  ///< those of the parts and 1, or zeros
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override;

  Tensor exp(const Tensor& x, const Tensor& v) const override;
  Tensor log(const Tensor& x, const Tensor& y) const override;
  Tensor project(const Tensor& x) const override { return x; }
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override;
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override;
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override;
  Tensor tangent_basis(const Tensor& x) const override;
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override;
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override;
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override;

 private:
  Tensor present(const Tensor& x) const { return x.narrow(-1, size_, 1); }  // [..., 1]
  Spaces parts_;
  int64_t size_ = 0;
};

/// The factor "given" on a Condition of `parts`. `withheld` is the share of training rows that do not see it. Its
/// source, from which sampling takes conditions, is the canonical law of the parts until it is replaced. Its path stays
/// at x1; log_density of it says which conditions fit: 0 where they are equal or withheld, else -inf.
Factor condition_factor(Spaces parts, double withheld);

/// The condition of the factors, which is that of the last one; null if all of them move.
const Condition* condition_of(const Factors& factors);
/// x with the condition withheld in the rows where `rows`, bool [B], says so (everywhere if it is undefined). A state
/// that lacks the condition gets one. Unchanged without a condition.
State withhold(const Factors& factors, State x, const Tensor& rows = {});

}  // namespace genmatch
