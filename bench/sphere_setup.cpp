#include "bench/sphere_setup.h"

#include <algorithm>
#include <chrono>

#include "core/config/node.h"
#include "core/experiment.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"

namespace genmatch::bench {

namespace {

constexpr int64_t kInputs = 4, kOutputs = 3;  // a point of R^3 with the time; a tangent of R^3

std::vector<std::pair<int64_t, int64_t>> shapes(const Network& network) {
  std::vector<std::pair<int64_t, int64_t>> all{{kInputs, network.width}};
  for (int64_t i = 1; i < network.depth; ++i) all.emplace_back(network.width, network.width);
  all.emplace_back(network.width, kOutputs);
  return all;
}

// The best of several repetitions, after one to warm up.
double best_time(const std::function<void()>& work) {
  work();
  double best = seconds_of(work);
  for (int i = 0; i < 10; ++i) best = std::min(best, seconds_of(work));
  return best;
}

struct Layer {
  Tensor weight, bias, input, output, input_gradient, weight_gradient;
};

std::vector<Layer> layers(const Network& network, int64_t rows) {
  std::vector<Layer> all;
  for (const auto& [in, out] : shapes(network))
    all.push_back({at::randn({in, out}), at::randn({out}), at::randn({rows, in}), at::empty({rows, out}),
                   at::empty({rows, in}), at::empty({in, out})});
  return all;
}

void forward(std::vector<Layer>& layers) {
  for (Layer& l : layers) at::addmm_out(l.output, l.bias, l.input, l.weight);
}

}  // namespace

void read(const std::string& yaml, const std::function<void(Fields&)>& fields) {
  static const Catalog catalog = full_catalog();
  Problems problems;
  const Node node = parse_yaml(yaml, "bench", problems);
  read_fields(node, fields, catalog, problems);
  problems.throw_if_any();
}

SphereSetup::SphereSetup(const Network& network) {
  FactorOptions factor;
  CouplingChoice independent{"independent"};
  ModelChoice mlp{"mlp"};
  read("{space: {type: sphere, dim: 2}}", [&](Fields& f) { factor.fields(f); });
  const std::string net = std::to_string(network.width) + ", depth: " + std::to_string(network.depth);
  read("{model: {width: " + net + "}}", [&](Fields& f) {
    f("coupling", independent, "");
    f("model", mlp, "");
  });
  factors.push_back(build_factor("x", factor));
  coupling = independent.make(spaces(factors));
  model = mlp.make(ModelContext{spaces(factors), head_sizes(factors), at::TensorOptions(at::kFloat), 0});
}

std::shared_ptr<Stepper> midpoint_stepper(int64_t steps) {
  StepperChoice stepper;
  read("stepper: {type: midpoint, steps: " + std::to_string(steps) + "}",
       [&](Fields& f) { f("stepper", stepper, ""); });
  return stepper.make();
}

double bare_forward(const Network& network, int64_t rows) {
  const at::NoGradGuard no_grad;
  std::vector<Layer> all = layers(network, rows);
  return best_time([&] { forward(all); });
}

double bare_forward_and_backward(const Network& network, int64_t rows) {
  const at::NoGradGuard no_grad;
  std::vector<Layer> all = layers(network, rows);
  return best_time([&] {
    forward(all);
    for (std::size_t i = all.size(); i-- > 0;) {
      Layer& l = all[i];
      at::mm_out(l.weight_gradient, l.input.t(), l.output);
      if (i > 0) at::mm_out(l.input_gradient, l.output, l.weight.t());
    }
  });
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"width", "depth"})->Args({64, 3})->Args({256, 4})->Args({512, 5});
  benchmark->Unit(benchmark::kMillisecond)->UseManualTime();
}

void measure(benchmark::State& state, double bare, const std::function<double()>& work) {
  double total = 0;
  for (auto _ : state) {
    const double seconds = work();
    state.SetIterationTime(seconds);
    total += seconds;
  }
  state.counters["bare_gemm_ms"] = 1e3 * bare;
  state.counters["of_bare_gemm"] = total / static_cast<double>(state.iterations()) / bare;
}

}  // namespace genmatch::bench
