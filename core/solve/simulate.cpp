#include "core/solve/simulate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "core/solve/adaptive.h"

namespace genmatch {
namespace {

class Counted final : public Generator {
 public:
  explicit Counted(const Generator& generator) : generator_(generator) {}
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    ++calls;
    return generator_.at(x, t);
  }
  mutable int64_t calls = 0;

 private:
  const Generator& generator_;
};

Solution simulate_fixed(const Generator& generator, const Spaces& spaces, const State& x0, double from, double to,
                        const Stepper& stepper, Rng& rng, const StepCallback& callback) {
  State slope;
  const auto one = [&](const State& x, double t, double next) {
    Step step = stepper.step(generator, spaces, x, at_time(x, t), at_time(x, next - t), slope, rng);
    slope = std::move(step.slope);
    return std::move(step.x);
  };
  return run_through(stepper.times(from, to), x0, one, callback);
}

}  // namespace

void check_state(const Spaces& spaces, const State& x, const char* who) {
  if (spaces.empty() || x.size() != spaces.size()) {
    throw ContractError(fmt::format("{}: one tensor for each of {} spaces (at least one) expected, got {}", who,
                                    spaces.size(), x.size()));
  }
  for (std::size_t f = 0; f < x.size(); ++f) {
    Shape expected{x[0].defined() && x[0].dim() > 0 ? x[0].size(0) : 0};
    for (const int64_t size : spaces[f]->event_shape()) expected.push_back(size);
    const bool fits = x[f].defined() && x[f].sizes() == expected && x[f].scalar_type() == x[0].scalar_type();
    if (fits) continue;
    const std::string got =
        x[f].defined() ? fmt::format("[{}] of {}", fmt::join(x[f].sizes(), ", "), c10::toString(x[f].scalar_type()))
                       : "none";
    throw ContractError(fmt::format("{}: factor {} ({}): a tensor [{}] of the dtype of the first expected, got {}", who,
                                    f + 1, spaces[f]->describe(), fmt::join(expected, ", "), got));
  }
}

Tensor at_time(const State& x, double t) { return at::full({x[0].size(0)}, t, x[0].options()); }

Solution run_through(const std::vector<double>& times, const State& x0, const GridStep& step,
                     const StepCallback& callback) {
  const Shape batch{x0[0].size(0)};
  const auto n = static_cast<int64_t>(times.size()) - 1;
  Solution solution;
  solution.x = x0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    solution.x = step(solution.x, times[i - 1], times[i]);
    if (callback) callback(static_cast<double>(i) / static_cast<double>(n), times[i], solution.x);
  }
  const auto counts = at::dtype(at::kLong).device(x0[0].device());
  solution.status = at::where(finite_rows(solution.x), at::full(batch, static_cast<int64_t>(Status::done), counts),
                              at::full(batch, static_cast<int64_t>(Status::not_finite), counts));
  solution.steps = at::full(batch, n, counts);
  return solution;
}

int64_t Solution::failures() const { return status.ne(static_cast<int64_t>(Status::done)).sum().item<int64_t>(); }

Solution simulate(const Generator& generator, const Spaces& spaces, const State& x0, double from, double to,
                  const Stepper& stepper, Rng& rng, const StepCallback& callback) {
  check_state(spaces, x0, "simulate: x0");
  if (!std::isfinite(from) || !std::isfinite(to)) {
    throw ContractError(fmt::format("simulate: finite times expected, got from = {}, to = {}", from, to));
  }
  const at::NoGradGuard no_grad;
  const int64_t rows = x0[0].size(0);
  if (rows == 0 || from == to) {
    const auto counts = at::dtype(at::kLong).device(x0[0].device());
    const Tensor finite = finite_rows(x0);
    return {x0, (~finite).to(counts) * static_cast<int64_t>(Status::not_finite), at::zeros({rows}, counts), 0};
  }
  const Counted counted(generator);
  Solution solution =
      (stepper.adaptive() ? simulate_adaptive : simulate_fixed)(counted, spaces, x0, from, to, stepper, rng, callback);
  solution.evaluations = counted.calls;
  return solution;
}

std::vector<State> trajectory(const Generator& generator, const Spaces& spaces, const State& x0,
                              const std::vector<double>& times, const Stepper& stepper, Rng& rng) {
  if (times.empty()) throw ContractError("trajectory: times: at least one expected, got none");
  for (std::size_t i = 1; i < times.size(); ++i) {
    if ((times[i] - times[i - 1]) * (times.back() - times.front()) > 0) continue;
    throw ContractError(fmt::format("trajectory: times: strictly monotone expected, got [{}]", fmt::join(times, ", ")));
  }
  std::vector<State> states{x0};
  for (std::size_t i = 1; i < times.size(); ++i) {
    const Solution part = simulate(generator, spaces, states.back(), times[i - 1], times[i], stepper, rng);
    State x;
    for (std::size_t f = 0; f < part.x.size(); ++f) {
      const Tensor failed = unsqueeze_event(part.status.ne(static_cast<int64_t>(Status::done)), *spaces[f]);
      x.push_back(part.x[f].masked_fill(failed, std::numeric_limits<double>::quiet_NaN()));
    }
    states.push_back(std::move(x));
  }
  return states;
}

}  // namespace genmatch
