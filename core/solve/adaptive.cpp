#include "core/solve/adaptive.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/ops.h"
#include "core/process/space.h"
#include "core/solve/runge_kutta.h"

namespace genmatch {
namespace {

// The usual controller (Hairer, Norsett & Wanner 1993, II.4): aim below the tolerance, change by bounded factors.
constexpr double kSafety = 0.9, kShrink = 0.2, kGrow = 5;
// A step that would leave less than this part of itself behind goes to the end at once.
constexpr double kStretch = 1.01;

double precision(const Tensor& x) {
  return x.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                        : std::numeric_limits<float>::epsilon();
}

State select(const State& x, const Tensor& rows) {
  State part;
  for (const Tensor& xi : x) part.push_back(xi.defined() ? xi.index_select(0, rows) : xi);
  return part;
}

class AdaptiveRun {
 public:
  AdaptiveRun(const Generator& generator, const Spaces& spaces, const State& x0, double from, double to,
              const Stepper& stepper, Rng& rng)
      : generator_(generator),
        spaces_(spaces),
        stepper_(stepper),
        rng_(rng),
        from_(from),
        to_(to),
        shortest_(10 * precision(x0[0]) * std::max(std::abs(from), std::abs(to))),
        x_(x0) {
    const auto device = x0[0].device();
    const int64_t n = x0[0].size(0);
    rows_ = at::arange(n, at::dtype(at::kLong).device(device));
    t_ = at::full({n}, from, at::dtype(at::kDouble).device(device));
    for (const Tensor& x : x0) solution_.x.push_back(x.clone());
    solution_.status = at::zeros_like(rows_);
    solution_.steps = at::zeros_like(rows_);
  }

  Solution run(const StepCallback& callback) {
    start();
    while (rows_.size(0) > 0) {
      if (steps_ == stepper_.steps()) {
        retire(at::ones_like(rows_, at::kBool), at::full_like(rows_, static_cast<int64_t>(Status::step_limit)));
        break;
      }
      attempt();
      if (callback) report(callback);
    }
    return std::move(solution_);
  }

 private:
  void start() {
    slope_ = drifts_at(generator_, x_, t_.to(x_[0].options()));
    State known = x_;
    known.insert(known.end(), slope_.begin(), slope_.end());
    const Tensor broken = ~finite_rows(known);
    const Tensor first = stepper_.first_step(spaces_, x_, slope_);
    const double way = std::abs(to_ - from_);
    h_ = first.defined() ? first.to(at::kDouble).nan_to_num(way).clamp(shortest_, way) : at::full_like(t_, way / 100);
    if (broken.any().item<bool>()) {
      retire(broken, at::full_like(rows_, static_cast<int64_t>(Status::not_finite)));
    }
  }

  void attempt() {
    const Tensor remaining = (to_ - t_).abs();
    const Tensor last = kStretch * h_ >= remaining;
    const Tensor size = at::where(last, remaining, h_);
    const auto like = x_[0].options();
    const double sign = to_ > from_ ? 1 : -1;
    Step step = stepper_.step(generator_, spaces_, x_, t_.to(like), (sign * size).to(like), slope_, rng_);
    ++steps_;
    const Tensor error = step.error.to(at::kDouble);
    const Tensor accepted = error <= 1;
    const Tensor factor = (kSafety * error.pow(-1. / stepper_.order())).nan_to_num(0).clamp(kShrink, kGrow);
    h_ = size * at::where(error.isnan(), at::full_like(factor, kShrink), factor);
    accept(accepted, std::move(step), at::where(last, at::full_like(t_, to_), t_ + sign * size));
    const Tensor finished = accepted & last;
    const Tensor stopped = finished | (h_ < shortest_);
    if (!stopped.any().item<bool>()) return;
    const auto code = [&](Status s) { return at::full_like(rows_, static_cast<int64_t>(s)); };
    retire(stopped, at::where(finished, code(Status::done),
                              at::where(error.isfinite(), code(Status::step_too_small), code(Status::not_finite))));
  }

  void accept(const Tensor& accepted, Step step, const Tensor& t) {
    t_ = at::where(accepted, t, t_);
    for (std::size_t f = 0; f < x_.size(); ++f) {
      const Tensor mask = unsqueeze_event(accepted, *spaces_[f]);
      if (!step.x[f].is_same(x_[f])) x_[f] = at::where(mask, step.x[f], x_[f]);
      if (!step.slope.empty() && slope_[f].defined()) slope_[f] = at::where(mask, step.slope[f], slope_[f]);
    }
    if (step.slope.empty()) slope_.clear();
  }

  // Takes the marked rows out of the batch, with their status.
  void retire(const Tensor& marked, const Tensor& status) {
    const Tensor out = marked.nonzero().squeeze(1), keep = (~marked).nonzero().squeeze(1);
    const Tensor rows = rows_.index_select(0, out);
    for (std::size_t f = 0; f < x_.size(); ++f) solution_.x[f].index_copy_(0, rows, x_[f].index_select(0, out));
    solution_.status.index_copy_(0, rows, status.index_select(0, out));
    solution_.steps.index_fill_(0, rows, steps_);
    rows_ = rows_.index_select(0, keep);
    t_ = t_.index_select(0, keep);
    h_ = h_.index_select(0, keep);
    x_ = select(x_, keep);
    slope_ = select(slope_, keep);
  }

  void report(const StepCallback& callback) const {
    if (rows_.size(0) == 0) return callback(1, to_, {});
    const double way = (t_ - from_).abs().min().item<double>();
    callback(way / std::abs(to_ - from_), to_ > from_ ? from_ + way : from_ - way, {});
  }

  const Generator& generator_;
  const Spaces& spaces_;
  const Stepper& stepper_;
  Rng& rng_;
  double from_, to_;
  double shortest_;  // step length that the clock can still resolve
  Solution solution_;
  int64_t steps_ = 0;  // of every sample that is still running
  Tensor rows_;        // of the running samples in the batch
  Tensor t_, h_;       // float64 [running]
  State x_, slope_;
};

}  // namespace

Tensor finite_rows(const State& x) {
  Tensor all;
  for (const Tensor& xi : x) {
    if (!xi.defined()) continue;
    const Tensor finite = xi.dim() > 1 ? xi.isfinite().flatten(1).all(1) : xi.isfinite();
    all = all.defined() ? all & finite : finite;
  }
  return all;
}

Solution simulate_adaptive(const Generator& generator, const Spaces& spaces, const State& x0, double from, double to,
                           const Stepper& stepper, Rng& rng, const StepCallback& callback) {
  return AdaptiveRun(generator, spaces, x0, from, to, stepper, rng).run(callback);
}

}  // namespace genmatch
