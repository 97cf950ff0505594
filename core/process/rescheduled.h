#pragma once
#include <memory>

#include "core/gaussian/gaussian_schedule.h"
#include "core/process/generator.h"

namespace genmatch {

/// A flow that was trained along one schedule, run along another: at time r it stands where the old one is at t(r)
/// with the same signal-to-noise ratio, scaled: x_bar = s x with s = sigma_bar(r) / sigma(t(r)). End points are the
/// same where both schedules start at alpha = 0 and end at sigma = 0; else begin with scale(0) x0 and divide by
/// scale(1). Along cond_ot (alpha = t, sigma = 1 - t) Euler's method is DDIM (Lipman et al. 2024, arXiv 2412.06264,
/// sec. 4.6). Schedules apply to every factor.
class Rescheduled final : public Generator {
 public:
  using SchedulePtr = std::shared_ptr<const GaussianSchedule>;
  /// ContractError for what is missing, and from at() for a generator that is not a flow.
  Rescheduled(GeneratorPtr flow, SchedulePtr trained, SchedulePtr wanted);
  std::vector<Coefficients> at(const State& x, const Tensor& r) const override;
  Tensor time(const Tensor& r) const;   ///< t(r)
  Tensor scale(const Tensor& r) const;  ///< s(r)

 private:
  GeneratorPtr flow_;
  SchedulePtr trained_, wanted_;
};

}  // namespace genmatch
