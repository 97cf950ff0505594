// Exact assignment of two minibatches, in memory that is kept; scripts/bench_assignment.py sets other programs beside
// it. The mean over three cost matrices.
#include <benchmark/benchmark.h>

#include "core/ops.h"
#include "core/transport/assignment_solver.h"
#include "tests/transport/assignment_cases.h"

namespace genmatch::bench {
namespace {

constexpr uint64_t draws = 3;

void solve(benchmark::State& state, const AssignmentCase& problem) {
  const int64_t n = state.range(0);
  std::vector<Tensor> costs;
  for (uint64_t seed = 0; seed < draws; ++seed) costs.push_back(problem.cost(n, seed).contiguous());
  AssignmentSolver solver;
  std::size_t draw = 0;
  for (auto _ : state) {
    solver.solve(costs[draw].data_ptr<double>(), n, n);
    draw = (draw + 1) % draws;
  }
}

const bool registered = [] {
  for (const AssignmentCase& c : assignment_cases())
    benchmark::RegisterBenchmark(("assign_" + c.name).c_str(), [c](benchmark::State& state) { solve(state, c); })
        ->Arg(128)
        ->Arg(256)
        ->Arg(512)
        ->Arg(1024)
        ->Arg(2048)
        ->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace genmatch::bench
