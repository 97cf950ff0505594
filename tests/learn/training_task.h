#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/learn/train.h"
#include "core/ops.h"
#include "core/rng.h"
#include "tests/learn/fixture.h"

namespace genmatch::learn_test {

struct Killed {};

// Records what it is told; kills or stops the training when so many steps are done.
struct Recorder : Observer {
  std::vector<TrainingStep> steps;
  std::vector<Validation> validations;
  std::vector<std::string> warnings;
  std::vector<Tensor> weights;  // after each step
  std::shared_ptr<Model> watched;
  int64_t kill_at = -1, stop_at = -1, polled = 0;

  void training_step(const TrainingStep& s) override { steps.push_back(s); }
  void validation(const Validation& v) override { validations.push_back(v); }
  void warning(const std::string& text) override { warnings.push_back(text); }
  bool stop_requested() override {
    ++polled;
    if (watched != nullptr) weights.push_back(watched->parameters().values().clone());
    if (polled == kill_at) throw Killed();
    return polled == stop_at;
  }
};

// A small task on the line: normal source, data N(mean, deviation^2).
struct Task {
  static constexpr double kMean = 1.5, kDeviation = 0.5;
  Factors factors{factor("{type: euclidean, dim: 1}", "normal", "linear")};
  std::shared_ptr<Coupling> coupling = independent(factors);
  Table train = normal(300, 1), validation = normal(40, 2);
  std::shared_ptr<Model> model;
  TrainingOptions options;
  std::map<std::string, std::string> metadata;
  std::function<double()> nll;

  explicit Task(const std::string& yaml, const std::string& net = "width: 8, depth: 1",
                at::ScalarType dtype = at::kFloat) {
    read(yaml, [&](Fields& f) { options.fields(f); });
    train = normal(300, 1, dtype);
    validation = normal(40, 2, dtype);
    model = mlp(factors, net, dtype, 5);
  }
  static Table normal(int64_t rows, uint64_t seed, at::ScalarType dtype = at::kFloat) {
    return {{kMean + kDeviation * Rng(seed, "data").normal({rows, 1}, dtype)}, {"x"}};
  }
  TrainingResult run(const CheckpointStore& store, Observer& observer, bool resume = false, uint64_t seed = 3) const {
    return genmatch::train({options, factors, *coupling, train, validation, model, seed, nll, metadata}, store, resume,
                           observer);
  }
  Tensor weights() const { return model->parameters().values().clone(); }
};

inline const std::string kShort =
    "{steps: 120, batch: 64, select: loss, validate_every: 40, optimizer: {type: adam, rate: 0.01}, "
    "schedule: {type: cosine, warmup: 10}, clip: 1, ema: 0.95}";

}  // namespace genmatch::learn_test
