#pragma once
#include <memory>

#include "core/gaussian/gaussian_schedule.h"
#include "core/process/gaussian_flow.h"

namespace genmatch {

/// A flow that was trained along one schedule, run along another: at time r it stands where the old one is at t(r)
/// with the same signal-to-noise ratio, scaled: x_bar = s x with s = sigma_bar(r) / sigma(t(r)). End points are the
/// same where both schedules start at alpha = 0 and end at sigma = 0; else begin with scale(0) x0 and divide by
/// scale(1). Conditions are left alone. Along cond_ot (alpha = t, sigma = 1 - t) Euler's method is DDIM (Lipman et al.
/// 2024, arXiv 2412.06264, sec. 4.6).
class Rescheduled final : public Generator {
 public:
  using SchedulePtr = std::shared_ptr<const GaussianSchedule>;
  /// `factors` has the paths of the training. ContractError for what is missing, and from at() for a generator that is
  /// not a flow; OptionError unless all paths are Gaussian, of one schedule.
  Rescheduled(GeneratorPtr flow, Factors factors, SchedulePtr wanted);
  std::vector<Coefficients> at(const State& x, const Tensor& r) const override;
  Tensor time(const Tensor& r) const;   ///< t(r)
  Tensor scale(const Tensor& r) const;  ///< s(r)
  /// Every factor that moves, times scale(r)^power.
  State scaled(State x, double r, double power) const;

 private:
  GeneratorPtr flow_;
  Factors factors_;
  const GaussianSchedule* trained_;
  SchedulePtr wanted_;
};

}  // namespace genmatch
