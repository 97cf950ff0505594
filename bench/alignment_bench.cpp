// The equivariant coupling of a batch: distances between the orbits of all pairs of clouds, then their optimal
// assignment, then the alignment of the chosen pairs. scripts/bench_alignment.py sets SciPy beside it. The clouds are
// normal on one side and, as data are, dense on the other.
#include <benchmark/benchmark.h>

#include "bench/sphere_setup.h"
#include "core/data/coupling.h"
#include "core/ops.h"
#include "core/transport/assignment.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/groups/cloud_group.h"

namespace genmatch::bench {
namespace {

constexpr int64_t kBatch = 128, kDim = 3;

struct Clouds {
  explicit Clouds(int64_t particles, int64_t batch = kBatch, int64_t dim = kDim) {
    Rng rng(0, "bench");
    const at::TensorOptions like(at::kDouble);
    noise = PointCloud::centred(rng.normal({batch, particles, dim}, like));
    data = PointCloud::centred(0.6 * rng.normal({batch, particles, dim}, like));
  }
  Tensor noise, data;
};

// As the coupling does by default: one start, at most five alternations.
void orbit_distances(benchmark::State& state) {
  const Clouds clouds(state.range(0));
  const CloudGroup group({}, state.range(0), kDim);
  const AlignmentOptions search{1, state.range(1)};
  double cost = 0;
  for (auto _ : state) cost = assign(group.squared_orbit_distances(clouds.data, clouds.noise, search)).cost;
  state.counters["mean_squared_distance"] = cost / kBatch;  // that of other programs has to be the same
}
BENCHMARK(orbit_distances)
    ->ArgNames({"particles", "alternations"})
    ->Args({13, 1})
    ->Args({13, 5})
    ->Args({55, 1})
    ->Args({55, 5})
    ->Unit(benchmark::kMillisecond);

// As of DW4: few particles in the plane, of which all permutations are tried.
void orbit_distances_in_the_plane(benchmark::State& state) {
  const Clouds clouds(state.range(0), 256, 2);
  const CloudGroup group({}, state.range(0), 2);
  for (auto _ : state)
    benchmark::DoNotOptimize(group.squared_orbit_distances(clouds.data, clouds.noise, {1, 5}).data_ptr());
}
BENCHMARK(orbit_distances_in_the_plane)->ArgName("particles")->Arg(4)->Unit(benchmark::kMillisecond);

void equivariant_coupling(benchmark::State& state) {
  const Clouds clouds(state.range(0));
  CouplingChoice choice;
  read("{coupling: equivariant_optimal_transport}", [&](Fields& f) { f("coupling", choice, ""); });
  const auto coupling = choice.make({std::make_shared<PointCloud>(PointCloud::Options{state.range(0), kDim})});
  const Pair independent{{clouds.noise}, {clouds.data}};
  Rng rng(0, "bench");
  for (auto _ : state) benchmark::DoNotOptimize(coupling->couple(independent, rng).x1[0].data_ptr());
}
BENCHMARK(equivariant_coupling)->ArgName("particles")->Arg(13)->Arg(55)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace genmatch::bench
