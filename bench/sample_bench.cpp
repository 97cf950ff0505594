// 10000 samples on the sphere by 20 midpoint steps.
#include "bench/sphere_setup.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"
#include "core/solve/simulate.h"

namespace genmatch::bench {
namespace {

constexpr int64_t kSamples = 10000, kSteps = 20, kEvaluations = 2 * kSteps;

void sampling(benchmark::State& state) {
  const Network network{state.range(0), state.range(1)};
  const SphereSetup setup(network);
  const auto midpoint = midpoint_stepper(kSteps);
  const LearnedGenerator generator(setup.factors, setup.model);
  Rng rng(0, "bench");
  const State x0 = sample_source(setup.factors, kSamples, rng, at::kFloat);
  const double bare = kEvaluations * bare_forward(network, kSamples);
  measure(state, bare,
          [&] { return seconds_of([&] { simulate(generator, spaces(setup.factors), x0, 0, 1, *midpoint, rng); }); });
}
BENCHMARK(sampling)->Apply(sizes);

}  // namespace
}  // namespace genmatch::bench
