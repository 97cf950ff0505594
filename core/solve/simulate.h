#pragma once
#include <functional>

#include "core/process/factor.h"
#include "core/process/generator.h"
#include "core/solve/stepper.h"

namespace genmatch {

/// How a simulation ended, per sample. not_finite: the drift, or with fixed steps the state, was NaN or infinite;
/// step_too_small: no step that the clock's precision can resolve meets the tolerance.
enum class Status : int64_t { done = 0, step_limit = 1, step_too_small = 2, not_finite = 3 };

struct Solution {
  State x;                   ///< at the end time; samples that failed hold where they stopped (NaN after fixed steps)
  Tensor status;             ///< int64 [B], values of Status
  Tensor steps;              ///< int64 [B], steps taken, rejected ones included
  int64_t evaluations = 0;   ///< calls of the generator
  int64_t failures() const;  ///< samples whose status is not done
};

/// ContractError naming `who` unless x holds one tensor [B, *event_shape] per space (at least one), all of one dtype.
void check_state(const Spaces& spaces, const State& x, const char* who);

/// Called after each step with the time of the slowest sample as a fraction of the way; x only for fixed steps
/// (else empty), where all samples share the time t. Adaptive steps: t is the slowest sample's time.
using StepCallback = std::function<void(double fraction, double t, const State& x)>;

/// The time t of every row of x: [B].
Tensor at_time(const State& x, double t);

/// From the state at time t to that at time `next`.
using GridStep = std::function<State(const State& x, double t, double next)>;
/// Steps from time to time, for samplers that are no steppers. `evaluations` is left at zero; gradients are recorded.
Solution run_through(const std::vector<double>& times, const State& x0, const GridStep& step,
                     const StepCallback& callback);

/// Runs the process from x0 at time `from` to time `to` (backward if to < from). Fixed steppers step
/// through their times(); adaptive ones control each sample's error on its own.
/// A sample that fails (see Status) ends alone; the others go on. No gradient is recorded.
/// ContractError if x0 does not fit the spaces or a time is not finite.
Solution simulate(const Generator& generator, const Spaces& spaces, const State& x0, double from, double to,
                  const Stepper& stepper, Rng& rng, const StepCallback& callback = {});

/// Like simulate, over the given strictly monotone times; returns the state at each of them (times[0] included).
/// A sample that fails is NaN from then on.
std::vector<State> trajectory(const Generator& generator, const Spaces& spaces, const State& x0,
                              const std::vector<double>& times, const Stepper& stepper, Rng& rng);

}  // namespace genmatch
