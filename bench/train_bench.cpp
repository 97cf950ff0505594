// One step of training a flow on the sphere, batch 512: data, path, loss, gradients, Adam, average.
#include <filesystem>

#include "bench/sphere_setup.h"
#include "core/learn/train.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch::bench {
namespace {

constexpr int64_t kBatch = 512;

void training_step(benchmark::State& state) {
  const Network network{state.range(0), state.range(1)};
  SphereSetup setup(network);
  TrainingOptions options;
  const int64_t steps = network.width < 128 ? 200 : 20;
  read("{select: last, checkpoint_seconds: 1e9, steps: " + std::to_string(steps) + "}",
       [&](Fields& f) { options.fields(f); });
  options.batch = kBatch;
  Rng rng(0, "bench");
  const Table data{{setup.factors[0].space->sample(5000, rng, at::kFloat)}, {}}, none;
  const auto folder = std::filesystem::temp_directory_path() / "genmatch-bench";
  const CheckpointStore store(folder.string());
  Observer silent;
  const double bare = bare_forward_and_backward(network, kBatch);
  measure(state, bare, [&] {
    const TrainingTask task{options, setup.factors, *setup.coupling, data, none, setup.model, 0, {}, {}};
    return train(task, store, false, silent).seconds / static_cast<double>(steps);
  });
  std::filesystem::remove_all(folder);
}
BENCHMARK(training_step)->Apply(sizes)->Args({64, 5})->Iterations(3);  // of many steps each

}  // namespace
}  // namespace genmatch::bench
