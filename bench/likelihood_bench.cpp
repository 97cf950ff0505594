// Exact log-density of 2000 points of the sphere by 20 midpoint steps.
#include "bench/sphere_setup.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "core/solve/likelihood.h"

namespace genmatch::bench {
namespace {

constexpr int64_t kPoints = 2000, kSteps = 20, kEvaluations = 2 * kSteps;
constexpr int64_t kRowsPerPoint = 3;  // the value and a tangent per dimension of the sphere

void exact_log_density(benchmark::State& state) {
  const Network network{state.range(0), state.range(1)};
  const SphereSetup setup(network);
  const auto midpoint = midpoint_stepper(kSteps);
  const LearnedGenerator generator(setup.factors, setup.model);
  Rng rng(0, "bench");
  const State x1{setup.factors[0].space->sample(kPoints, rng, at::kFloat)};
  const double bare = kEvaluations * bare_forward(network, kRowsPerPoint * kPoints);
  measure(state, bare, [&] {
    return seconds_of([&] { log_density(generator, setup.factors, x1, *midpoint, DivergenceOptions(), rng); });
  });
}
BENCHMARK(exact_log_density)->Apply(sizes);

}  // namespace
}  // namespace genmatch::bench
