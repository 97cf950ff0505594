#pragma once
#include "core/solve/simulate.h"

namespace genmatch {

/// The part of simulate for adaptive steppers: from != to, at least one row. Each sample has its own time and step
/// length; those that are finished leave the batch. `evaluations` is left at zero.
Solution simulate_adaptive(const Generator& generator, const Spaces& spaces, const State& x0, double from, double to,
                           const Stepper& stepper, Rng& rng, const StepCallback& callback);

/// Whether every coordinate of every factor is finite: bool [B]. Undefined tensors are passed over.
Tensor finite_rows(const State& x);

}  // namespace genmatch
