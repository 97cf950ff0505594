#pragma once
#include <memory>
#include <string>

#include "core/config/choice.h"
#include "core/process/path.h"
#include "core/process/schedule.h"
#include "discrete/alphabet.h"

namespace genmatch {

/// p_t(. | x0, x1) = prod_i (1 - kappa) delta_{x0^i} + kappa delta_{x1^i} (Gat et al. 2024, arXiv 2407.15595;
/// Campbell et al. 2024, arXiv 2402.04997).
class MixturePath final : public Path {
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
  /// ContractError: symbols jump.
  Tensor velocity(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override;
  /// ContractError for sources whose coordinates are not independent and alike.
  Tensor log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const override;

  const Alphabet& alphabet() const { return *alphabet_; }
  const Schedule& schedule() const { return *schedule_; }
  /// Whether the coordinates of x0 are independent and alike, as far as is known.
  bool independent() const { return source_.defined(); }
  /// The probabilities [V] of the values of each coordinate of x0, float64 on the CPU. ContractError naming `who` where
  /// they are not independent and alike.
  const Tensor& source(const char* who) const;
  /// Whether x0 is nothing but masks: then a symbol, once there, is that of the data.
  bool masked() const { return masked_; }
  /// The time at which kappa reaches a value: float64 [n] in [0, 1], by bisection.
  Tensor time_of(const Tensor& kappa) const;

 private:
  SpacePtr space_;
  const Alphabet* alphabet_;
  std::shared_ptr<const Schedule> schedule_;
  Tensor source_;
  bool masked_ = false;
};

/// The path of a factor, on its space, as a mixture path; OptionError naming `who` if it is none.
const MixturePath& mixture_path(const PathPtr& path, const Space& space, const std::string& factor, const char* who);
const MixturePath& mixture_path(const Factor& factor, const char* who);

}  // namespace genmatch
