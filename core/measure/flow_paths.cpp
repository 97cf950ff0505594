#include "core/measure/flow_paths.h"

#include <fmt/format.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/rng.h"
#include "core/solve/simulate.h"

namespace genmatch {
namespace {

State to_double(const State& x) {
  State out;
  for (const Tensor& factor : x) out.push_back(factor.to(at::kCPU, at::kDouble));
  return out;
}

}  // namespace

void FlowPathOptions::fields(Fields& f) {
  f("points", points, "at most so many paths", at_least(2));
  f("intervals", intervals, "of the grid of times where the stepper is adaptive, else its own steps are taken",
    at_least(1));
}

FlowPaths flow_paths(const Evaluation& evaluation, int64_t points, int64_t intervals, const std::string& metric) {
  const at::NoGradGuard no_grad;
  const Spaces all = spaces(evaluation.factors());
  const int64_t steps = evaluation.stepper().adaptive() ? intervals : evaluation.stepper().steps();
  Rng rng(evaluation.seed(), "flow paths");
  State x = sample_source(evaluation.factors(), points, rng, evaluation.like());
  FlowPaths paths;
  evaluation.observer().stage(metric);
  for (int64_t i = 0; i <= steps; ++i) {
    if (evaluation.observer().stop_requested()) throw Interrupted("stopped during " + metric);
    const double time = static_cast<double>(i) / static_cast<double>(steps);
    if (i > 0) {
      const Solution solution =
          simulate(evaluation.flow(), all, x, paths.times.back(), time, evaluation.stepper(), rng);
      if (const int64_t failed = solution.failures(); failed > 0)
        throw NumericalError(
            fmt::format("{}: the solver failed on {} of {} paths; give sampling.stepper more steps or "
                        "a looser tolerance, or train longer",
                        metric, failed, points));
      x = solution.x;
    }
    paths.times.push_back(time);
    const State velocity = flow_velocity(evaluation.flow(), x, at_time(x, time), metric);
    paths.x.push_back(to_double(moving(evaluation.factors(), x)));
    paths.velocity.push_back(to_double(moving(evaluation.factors(), velocity)));
    evaluation.observer().progress(time);
  }
  return paths;
}

Tensor squared_norm(const Spaces& spaces, const State& x, const State& v) {
  Tensor sum = at::zeros({x[0].size(0)}, at::kDouble);
  for (std::size_t f = 0; f < spaces.size(); ++f)
    sum += as_manifold(*spaces[f], "squared_norm").inner(x[f], v[f], v[f]);
  return sum;
}

}  // namespace genmatch
