#pragma once
#include <benchmark/benchmark.h>

#include <functional>
#include <memory>
#include <string>

#include "core/config/choice.h"
#include "core/data/coupling.h"
#include "core/learn/model.h"
#include "core/process/factor.h"
#include "core/solve/stepper.h"

namespace genmatch::bench {

/// Width and hidden layers of a network.
struct Network {
  int64_t width, depth;
};

/// A flow on the sphere S^2 with an MLP in float32.
struct SphereSetup {
  explicit SphereSetup(const Network& network);
  Factors factors;
  std::shared_ptr<Coupling> coupling;
  std::shared_ptr<Model> model;
};

/// What `fields` reads from YAML text with the full catalog.
void read(const std::string& yaml, const std::function<void(Fields&)>& fields);

/// The midpoint rule with so many steps from t = 0 to 1.
std::shared_ptr<Stepper> midpoint_stepper(int64_t steps);

/// Seconds that the bare matrix products of a pass over `rows` rows take: the machine's limit for it.
double bare_forward(const Network& network, int64_t rows);
double bare_forward_and_backward(const Network& network, int64_t rows);

/// Runs the benchmark's iterations, each taking the seconds (of a unit of work) that `work` returns, and reports
/// "bare_gemm_ms" and "of_bare_gemm", their ratio to the time of the bare matrix products. Wants UseManualTime and,
/// where a unit is a small part of the work, Iterations.
void measure(benchmark::State& state, double bare, const std::function<double()>& work);
/// Networks of three sizes as arguments {width, depth}; times by hand, in milliseconds.
void sizes(benchmark::internal::Benchmark* benchmark);
/// Wall-clock seconds of a call.
double seconds_of(const std::function<void()>& work);

}  // namespace genmatch::bench
