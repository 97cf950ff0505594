#pragma once
#include <memory>
#include <string>

#include "core/config/choice.h"
#include "core/process/schedule.h"
#include "discrete/symbol_path.h"

namespace genmatch {

/// p_t(. | x0, x1) = prod_i (1 - kappa) delta_{x0^i} + kappa delta_{x1^i} (Gat et al. 2024, arXiv 2407.15595;
/// Campbell et al. 2024, arXiv 2402.04997).
class MixturePath final : public SymbolPath {
 public:
  struct Options {
    ScheduleChoice schedule{"linear"};
    void fields(Fields& f);
  };
  /// OptionError unless the space is an alphabet.
  MixturePath(const Options& options, const SpacePtr& space, const SourcePtr& source);

  Tensor sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng& rng) const override;
  /// x_t where the share 1 - kappa of the source that is left, float64 [B], is given itself: near the data it says more
  /// than the time.
  Tensor sample_left(const Tensor& x0, const Tensor& x1, const Tensor& left, Rng& rng) const;
  /// ContractError for sources whose coordinates are not independent and alike.
  Tensor log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const override;

  const Schedule& schedule() const { return *schedule_; }
  /// Whether the coordinates of x0 are independent and alike, as far as is known.
  bool independent() const { return source_.defined(); }
  /// The probabilities [V] of the values of each coordinate of x0, float64 on the CPU. ContractError naming `who` where
  /// they are not independent and alike.
  const Tensor& source(const char* who) const;
  bool masked() const override { return masked_; }
  bool has_evidence() const override { return independent(); }
  Tensor log_evidence(const Tensor& xt, const Tensor& t, const at::TensorOptions& like) const override;
  Tensor clock(const Tensor& t) const override;  ///< kappa' / (1 - kappa)
  /// forward_rates (discrete/posterior.h) at kappa = 0: the posterior itself.
  Tensor relative_rates(const Tensor& xt, const Tensor& t, const Tensor& log_posterior) const override;
  /// forward_divergence per unit of time.
  Tensor divergence(const Tensor& xt, const Tensor& t, const Tensor& x1, const Tensor& logits) const override;
  /// The time at which kappa reaches a value: float64 [n] in [0, 1], by bisection.
  Tensor time_of(const Tensor& kappa) const;

 private:
  std::shared_ptr<const Schedule> schedule_;
  Tensor source_;
  bool masked_ = false;
};

/// The path of a factor as a mixture path; OptionError naming `who` if it is none.
const MixturePath& mixture_path(const Factor& factor, const char* who);

}  // namespace genmatch
