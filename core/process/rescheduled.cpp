#include "core/process/rescheduled.h"

#include "core/errors.h"
#include "core/gaussian/prediction.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// Of two ways to compute a thing, the one that divides by sigma where noise rules, the other by alpha.
Tensor choose(const GaussianCoefficients& c, const Tensor& noisy, const Tensor& clear) {
  return at::where(over_event(c.alpha < c.sigma, noisy), noisy, clear);
}

Tensor over(const Tensor& a, const Tensor& b) { return a / keep_from_zero(b); }

}  // namespace

Rescheduled::Rescheduled(GeneratorPtr flow, SchedulePtr trained, SchedulePtr wanted)
    : flow_(std::move(flow)), trained_(std::move(trained)), wanted_(std::move(wanted)) {
  if (flow_ == nullptr || trained_ == nullptr || wanted_ == nullptr)
    throw ContractError("Rescheduled: a generator and two schedules expected");
}

Tensor Rescheduled::time(const Tensor& r) const { return trained_->time_of(wanted_->log_snr(r)); }

Tensor Rescheduled::scale(const Tensor& r) const {
  const GaussianCoefficients to = wanted_->at(r), from = trained_->at(time(r));
  return choose(to, over(to.sigma, from.sigma), over(to.alpha, from.alpha));
}

std::vector<Coefficients> Rescheduled::at(const State& x, const Tensor& r) const {
  const Tensor t = time(r), s = scale(r);
  const GaussianCoefficients from = trained_->at(t), to = wanted_->at(r);
  State unscaled;
  for (const Tensor& xf : x) unscaled.push_back(xf / over_event(s, xf));
  std::vector<Coefficients> all = flow_->at(unscaled, t);
  for (std::size_t f = 0; f < all.size(); ++f) {
    if (!all[f].drift.defined() || all[f].variance.defined() || all[f].rates.defined())
      throw ContractError("Rescheduled: a flow with a drift on every factor expected");
    const auto through = [&](Prediction same) {
      const Tensor value = convert(Prediction::velocity, same, from, unscaled[f], all[f].drift);
      return convert(same, Prediction::velocity, to, x[f], value);
    };
    all[f].drift = choose(to, through(Prediction::data), through(Prediction::noise));
  }
  return all;
}

}  // namespace genmatch
