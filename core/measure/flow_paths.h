#pragma once
#include <string>
#include <vector>

#include "core/measure/evaluation.h"

namespace genmatch {

struct FlowPathOptions {
  int64_t points = 2000, intervals = 100;
  void fields(Fields& f);
};

/// Where a flow leads points of its source, on a uniform grid of times from 0 to 1.
struct FlowPaths {
  std::vector<double> times;
  std::vector<State> x, velocity;  ///< at each time, of the factors that move; float64 on the CPU

  /// The integral over time of a function of the grid's index, [n] float64, by the trapezoid rule: [n].
  template <class F>
  Tensor integral(const F& f) const {
    Tensor sum = f(0) * (0.5 * (times[1] - times[0]));
    for (std::size_t i = 1; i < times.size(); ++i) {
      const double after = i + 1 < times.size() ? times[i + 1] - times[i] : 0;
      sum = sum + f(i) * (0.5 * (after + times[i] - times[i - 1]));
    }
    return sum;
  }
};

/// Solves from `points` draws of the source, the same ones for a seed. The grid is the stepper's own, or one of
/// `intervals` if that is adaptive. Messages begin with `metric`. ContractError for a process that is no flow,
/// NumericalError if the solver fails on a path, Interrupted if the observer asks to stop.
FlowPaths flow_paths(const Evaluation& evaluation, int64_t points, int64_t intervals, const std::string& metric);

/// |v|^2 in the metric of the product space at each x: [n].
Tensor squared_norm(const Spaces& spaces, const State& x, const State& v);

}  // namespace genmatch
