// Pairing a batch anew, on the plane and on the sphere: a normal or uniform source with points in one half.
#include <benchmark/benchmark.h>

#include "bench/sphere_setup.h"
#include "core/data/coupling.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch::bench {
namespace {

void couple_batch(benchmark::State& state, const std::string& space_yaml, const std::string& coupling_yaml) {
  SpaceChoice space_choice;
  CouplingChoice coupling_choice;
  read("{space: " + space_yaml + ", coupling: " + coupling_yaml + "}", [&](Fields& f) {
    f("space", space_choice, "");
    f("coupling", coupling_choice, "");
  });
  const SpacePtr space = space_choice.make();
  const auto coupling = coupling_choice.make({space});
  Rng rng(0, "bench");
  const int64_t n = state.range(0);
  const Tensor x1 = space->sample(n, rng, at::kFloat);
  const Tensor half = at::cat({x1.narrow(1, 0, 1).abs(), x1.narrow(1, 1, x1.size(1) - 1)}, 1);
  const Pair independent{{space->sample(n, rng, at::kFloat)}, {half}};
  for (auto _ : state) benchmark::DoNotOptimize(coupling->couple(independent, rng).x0[0].data_ptr());
}

void batches(benchmark::internal::Benchmark* b) { b->Arg(128)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond); }

const char* const kPlane = "{type: euclidean, dim: 2}";
BENCHMARK_CAPTURE(couple_batch, optimal_transport, kPlane, "optimal_transport")->Apply(batches);
BENCHMARK_CAPTURE(couple_batch, optimal_transport_sphere, "{type: sphere, dim: 2}", "optimal_transport")
    ->Apply(batches);
BENCHMARK_CAPTURE(couple_batch, entropic, kPlane, "entropic")->Apply(batches);
BENCHMARK_CAPTURE(couple_batch, entropic_one_percent, kPlane, "{type: entropic, epsilon: 0.01}")->Apply(batches);
BENCHMARK_CAPTURE(couple_batch, unbalanced, kPlane, "unbalanced")->Apply(batches);
BENCHMARK_CAPTURE(couple_batch, partial, kPlane, "partial")->Apply(batches);

}  // namespace
}  // namespace genmatch::bench
