// Networks on clouds of particles, batch 128, width 32, 24 radial features: forward and backward, and the exact
// divergence's derivatives.
// Arguments: particles, dimensions, and whether messages between pairs take the fast way or that of tensor operations.
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/ops.h"
#include "core/rng.h"
#include "equivariant/models/pair_messages.h"

namespace genmatch::bench {
namespace {

struct Setup {
  PairWeights weights;
  Tensor own, other, y, start;
  Setup(int64_t clouds, int64_t particles, int64_t dim) {
    constexpr int64_t w = 32;
    Rng rng(0, "bench");
    const auto drawn = [&](const std::vector<int64_t>& sizes) {
      return (0.2 * rng.normal(sizes, at::kFloat)).requires_grad_();
    };
    weights.radial = {24, 6};
    weights.distance = drawn({2 + weights.radial.count, w});
    weights.out = drawn({w, w}), weights.out_bias = drawn({w});
    weights.attention = drawn({w, 1}), weights.attention_bias = drawn({1});
    weights.position = drawn({w, w}), weights.position_bias = drawn({w}), weights.pull = drawn({w, 1});
    own = drawn({clouds, particles, w}), other = drawn({clouds, particles, w});
    y = (5 * drawn({clouds, particles, dim})).detach().requires_grad_(), start = y.detach().clone();
  }
};

void pair_messages_and_gradients(benchmark::State& state) {
  const Setup s(128, state.range(0), state.range(1));
  const auto way = state.range(2) != 0 ? pair_messages : plain_pair_messages;
  for (auto _ : state) {
    const PairMessages m = way(s.weights, {{s.own}, {s.other}, {s.y}, {s.start}}, true);
    torch::autograd::backward({m.move.value.sum() + m.heard.value.sum()});
  }
}
BENCHMARK(pair_messages_and_gradients)
    ->Args({4, 2, 0})
    ->Args({4, 2, 1})
    ->Args({13, 3, 0})
    ->Args({13, 3, 1})
    ->Unit(benchmark::kMillisecond);

// Along all (N - 1) D directions, of 8 clouds at a time as CloudModel does.
void pair_messages_along_directions(benchmark::State& state) {
  const at::NoGradGuard no_grad;
  const int64_t n = state.range(0), d = state.range(1), count = (n - 1) * d;
  const Setup s(8, n, d);
  const auto way = state.range(2) != 0 ? pair_messages : plain_pair_messages;
  Rng rng(1, "bench");
  const Tensor along = rng.normal({count, 8, n, d}, at::kFloat), features = rng.normal({count, 8, n, 32}, at::kFloat);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        way(s.weights, {{s.own, features}, {s.other, features}, {s.y, along}, {s.start, along}}, true));
}
BENCHMARK(pair_messages_along_directions)
    ->Args({4, 2, 0})
    ->Args({4, 2, 1})
    ->Args({13, 3, 0})
    ->Args({13, 3, 1})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace genmatch::bench
