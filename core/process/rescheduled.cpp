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

const GaussianSchedule* the_schedule(const Factors& factors) {
  const GaussianSchedule* first = nullptr;
  const Tensor t = at::linspace(0, 1, 11, at::kDouble);
  for (const GaussianSchedule* one : gaussian_schedules(factors, "a change of schedule")) {
    if (one == nullptr) continue;
    if (first == nullptr) first = one;
    if (!one->log_snr(t).equal(first->log_snr(t)))
      throw OptionError("", "a change of schedule needs the same schedule on all factors");
  }
  if (first == nullptr) throw ContractError("Rescheduled: a factor that moves expected");
  return first;
}

Tensor over(const Tensor& a, const Tensor& b) { return a / keep_from_zero(b); }

}  // namespace

Rescheduled::Rescheduled(GeneratorPtr flow, Factors factors, SchedulePtr wanted)
    : flow_(std::move(flow)),
      factors_(std::move(factors)),
      trained_(the_schedule(factors_)),
      wanted_(std::move(wanted)) {
  if (flow_ == nullptr || wanted_ == nullptr) throw ContractError("Rescheduled: a generator and a schedule expected");
}

Tensor Rescheduled::time(const Tensor& r) const { return trained_->time_of(wanted_->log_snr(r)); }

Tensor Rescheduled::scale(const Tensor& r) const {
  const GaussianCoefficients to = wanted_->at(r), from = trained_->at(time(r));
  return choose(to, over(to.sigma, from.sigma), over(to.alpha, from.alpha));
}

State Rescheduled::scaled(State x, double r, double power) const {
  const Tensor factor = scale(at::full({1}, r, x.at(0).options())).pow(power);
  for (std::size_t f = 0; f < x.size(); ++f)
    if (factors_[f].moves()) x[f] = x[f] * factor;
  return x;
}

std::vector<Coefficients> Rescheduled::at(const State& x, const Tensor& r) const {
  const Tensor t = time(r), s = scale(r);
  const GaussianCoefficients from = trained_->at(t), to = wanted_->at(r);
  State unscaled = x;
  for (std::size_t f = 0; f < x.size(); ++f)
    if (factors_.at(f).moves()) unscaled[f] = x[f] / over_event(s, x[f]);
  std::vector<Coefficients> all = flow_->at(unscaled, t);
  for (std::size_t f = 0; f < all.size(); ++f) {
    if (!factors_[f].moves()) continue;
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
