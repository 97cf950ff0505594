#pragma once
// Ordinary differential equations on R^1 that some or all samples cannot be carried through.
#include <limits>

#include "tests/problems/problem.h"

namespace genmatch {

/// dx/dt = x^2: x(t) = x0 / (1 - t x0), which is infinite at t = 1/x0.
inline Problem blow_up() {
  Problem p = make_problem("blow_up", {make_factor("euclidean", 1)},
                           [](const State& x, const Tensor&) { return State{x[0].square()}; });
  p.flow = [](const State& x0, double t) { return State{x0[0] / (1 - t * x0[0])}; };
  return p;
}

/// dx/dt = 1, but NaN where x > 0 after t = 1/2.
inline Problem not_a_number() {
  return make_problem("not_a_number", {make_factor("euclidean", 1)}, [](const State& x, const Tensor& t) {
    const Tensor broken = (x[0] > 0).logical_and(t.unsqueeze(1) > 0.5);
    return State{at::ones_like(x[0]).masked_fill(broken, std::numeric_limits<double>::quiet_NaN())};
  });
}

/// dx/dt = 10^6 (cos t - x).
inline Problem stiff() {
  return make_problem("stiff", {make_factor("euclidean", 1)},
                      [](const State& x, const Tensor& t) { return State{1e6 * (at::cos(t).unsqueeze(1) - x[0])}; });
}

}  // namespace genmatch
