#include "core/learn/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "core/errors.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using learn_test::TemporaryFolder;
using testing::HasSubstr;

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
  Factors factors{learn_test::factor("{type: euclidean, dim: 1}", "normal", "linear")};
  std::shared_ptr<Coupling> coupling = learn_test::independent(factors);
  Table train = normal(300, 1), validation = normal(40, 2);
  std::shared_ptr<Model> model;
  TrainingOptions options;
  std::map<std::string, std::string> metadata;
  std::function<double()> nll;

  explicit Task(const std::string& yaml, const std::string& net = "width: 8, depth: 1",
                at::ScalarType dtype = at::kFloat) {
    learn_test::read(yaml, [&](Fields& f) { options.fields(f); });
    train = normal(300, 1, dtype);
    validation = normal(40, 2, dtype);
    model = learn_test::mlp(factors, net, dtype, 5);
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

const std::string kShort =
    "{steps: 120, batch: 64, select: loss, validate_every: 40, optimizer: {type: adam, rate: 0.01}, "
    "schedule: {type: cosine, warmup: 10}, clip: 1, ema: 0.95}";

// Gaussian source and data: x_t is Gaussian, so E[x1 - x0 | x_t] is the linear regression on x_t.
TEST(Train, LearnsTheClosedFormOfGaussians) {
  Task task(
      "{steps: 1500, batch: 512, select: last, ema: 0.99, optimizer: {type: adam, rate: 1e-2}, "
      "schedule: {type: cosine, warmup: 20}}",
      "width: 32, depth: 2");
  task.train = Task::normal(20000, 1);
  const TemporaryFolder folder;
  Recorder recorder;
  task.run(CheckpointStore(folder.path()), recorder);

  Rng rng(9, "test");
  const int64_t rows = 4000;
  const Tensor t = rng.uniform({rows}, at::kFloat), noise = rng.normal({rows}, at::kFloat);
  const Tensor variance = (Task::kDeviation * t).square() + (1 - t).square();
  const Tensor x = Task::kMean * t + variance.sqrt() * noise;
  const Tensor covariance = Task::kDeviation * Task::kDeviation * t - (1 - t);
  const Tensor exact = Task::kMean + covariance / variance * (x - Task::kMean * t);
  const at::NoGradGuard no_grad;
  const Tensor learned = LearnedGenerator(task.factors, task.model).at({x.unsqueeze(1)}, t)[0].drift.squeeze(1);
  const double error = (learned - exact).square().mean().sqrt().item<double>();
  const double size = exact.square().mean().sqrt().item<double>();
  // Bounds the error of the fit: the mean of the data alone has the error 0.5 / sqrt(20000) = 0.004.
  EXPECT_LT(error, 0.04 * size);
}

TEST(Train, ReportsTheLossAndItFalls) {
  Task task(kShort);
  const TemporaryFolder folder;
  Recorder recorder;
  const TrainingResult result = task.run(CheckpointStore(folder.path()), recorder);
  ASSERT_EQ(recorder.steps.size(), 3U);
  EXPECT_EQ(recorder.steps[0].step, 50);
  EXPECT_EQ(recorder.steps[2].step, 120);
  EXPECT_LT(recorder.steps[2].loss, recorder.steps[0].loss);
  EXPECT_GT(recorder.steps[0].gradient_norm, 0);
  EXPECT_GT(result.seconds, 0);
  ASSERT_EQ(recorder.validations.size(), 3U);
  double least = recorder.validations[0].value;
  for (const Validation& v : recorder.validations) least = std::min(least, v.value);
  EXPECT_EQ(result.best_value, least);
}

// Killed (or stopped) anywhere and resumed: the same weights and reports, bit for bit.
TEST(Train, ResumesBitForBit) {
  const TemporaryFolder folder;
  Recorder whole;
  Task undisturbed(kShort);
  const TrainingResult expected = undisturbed.run(CheckpointStore(folder.path("whole")), whole);
  for (const int64_t at : {1, 39, 40, 41, 50, 77, 119}) {
    for (const bool kill : {true, false}) {
      SCOPED_TRACE((kill ? "killed at " : "stopped at ") + std::to_string(at));
      const CheckpointStore store(folder.path((kill ? "kill-" : "stop-") + std::to_string(at)));
      Task first(kill ? "{checkpoint_seconds: 0, " + kShort.substr(1) : kShort);
      Recorder broken;
      (kill ? broken.kill_at : broken.stop_at) = at;
      if (kill)
        EXPECT_THROW(first.run(store, broken), Killed);
      else
        EXPECT_THROW(first.run(store, broken), Interrupted);

      Task second(kShort);
      Recorder rest;
      const TrainingResult result = second.run(store, rest, true);
      EXPECT_TRUE(at::equal(second.weights(), undisturbed.weights()));
      EXPECT_EQ(result.best_step, expected.best_step);
      EXPECT_EQ(result.best_value, expected.best_value);
      ASSERT_FALSE(rest.steps.empty());
      for (const TrainingStep& s : rest.steps) {
        const auto same = std::find_if(whole.steps.begin(), whole.steps.end(),
                                       [&](const TrainingStep& w) { return w.step == s.step; });
        ASSERT_NE(same, whole.steps.end());
        EXPECT_EQ(s.loss, same->loss);
        EXPECT_EQ(s.rate, same->rate);
        EXPECT_EQ(s.gradient_norm, same->gradient_norm);
      }
    }
  }
}

TEST(Train, ResumesFromTheCheckpointBeforeADamagedOne) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Task undisturbed(kShort), first("{checkpoint_seconds: 0, " + kShort.substr(1)), second(kShort);
  Recorder recorder, broken, rest;
  undisturbed.run(CheckpointStore(folder.path("whole")), recorder);
  broken.kill_at = 60;
  EXPECT_THROW(first.run(store, broken), Killed);
  std::ofstream(store.path(59)) << "damaged";
  second.run(store, rest, true);
  ASSERT_EQ(rest.warnings.size(), 1U);
  EXPECT_TRUE(at::equal(second.weights(), undisturbed.weights()));
}

TEST(Train, AFinishedRunResumesToItsResult) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Task first(kShort), second(kShort), third(kShort);
  Recorder recorder, nothing;
  const TrainingResult result = first.run(store, recorder);
  const TrainingResult again = second.run(store, nothing, true);
  EXPECT_TRUE(nothing.steps.empty());
  EXPECT_EQ(again.best_value, result.best_value);
  EXPECT_TRUE(at::equal(first.weights(), second.weights()));
  load_selected(*store.latest(nullptr), third.model->parameters());
  EXPECT_TRUE(at::equal(first.weights(), third.weights()));
}

TEST(Train, ResumeWithoutACheckpointStartsAnew) {
  const TemporaryFolder folder;
  Task a(kShort), b(kShort);
  Recorder recorder;
  a.run(CheckpointStore(folder.path("a")), recorder, true);
  b.run(CheckpointStore(folder.path("b")), recorder, false);
  EXPECT_TRUE(at::equal(a.weights(), b.weights()));
}

TEST(Train, CheckpointsOfAnotherTaskAreRefused) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Task task(kShort);
  task.metadata["experiment"] = "abc";
  Recorder recorder;
  task.run(store, recorder);
  EXPECT_EQ(store.latest(nullptr)->metadata.at("experiment"), "abc");
  const auto expect_refused = [&](Task other, uint64_t seed, const char* why) {
    if (other.metadata.empty()) other.metadata["experiment"] = "abc";
    try {
      other.run(store, recorder, true, seed);
      ADD_FAILURE() << why;
    } catch (const IoError& e) {
      EXPECT_THAT(e.what(), HasSubstr(why));
    }
  };
  expect_refused(Task(kShort), 4, "seed");
  expect_refused(Task(kShort, "width: 9, depth: 1"), 3, "hidden.0.weight: expected");
  expect_refused(Task(kShort, "width: 8, depth: 1", at::kDouble), 3, "Float");
  expect_refused(Task("{steps: 7, " + kShort.substr(1 + std::string("steps: 120, ").size())), 3, "training.steps");
  Task edited(kShort);
  edited.metadata["experiment"] = "xyz";
  expect_refused(edited, 3, "xyz");
}

// With the weights after every step at hand, the average is their sum with the weights that the decays imply.
TEST(Train, AverageIsTheWeightedSumOfAllSteps) {
  Task task("{steps: 30, batch: 32, select: last, ema: 0.8, optimizer: {type: adam, rate: 0.05}}", "width: 4, depth: 1",
            at::kDouble);
  const TemporaryFolder folder;
  Recorder recorder;
  recorder.watched = task.model;
  const Tensor initial = task.weights();
  task.run(CheckpointStore(folder.path()), recorder);
  ASSERT_EQ(recorder.weights.size(), 30U);
  Tensor sum = at::zeros_like(initial);
  double share = 1;
  for (int k = 30; k >= 1; --k) {  // newest first; the rest of the share passes on to the older ones
    const double kept = std::min(0.8, static_cast<double>(k) / (9 + k));
    sum += share * (1 - kept) * recorder.weights[static_cast<std::size_t>(k - 1)];
    share *= kept;
  }
  EXPECT_LT(learn_test::difference(task.weights(), sum + share * initial), 1e-12);
}

TEST(Train, SelectsTheBestValidation) {
  Task task("{steps: 50, batch: 32, select: nll, validate_every: 10, ema: 0}");
  const std::vector<double> values{5, 3, std::nan(""), 4, 3.5};
  std::vector<Tensor> seen;
  task.nll = [&] {
    seen.push_back(task.weights());
    return values[seen.size() - 1];
  };
  const TemporaryFolder folder;
  Recorder recorder;
  const TrainingResult result = task.run(CheckpointStore(folder.path()), recorder);
  EXPECT_EQ(result.best_step, 20);
  EXPECT_EQ(result.best_value, 3);
  EXPECT_TRUE(at::equal(task.weights(), seen[1]));
  EXPECT_EQ(recorder.warnings.size(), 1U) << "about the NaN";
}

TEST(Train, WithoutValidationTheLastWeightsAreTaken) {
  const TemporaryFolder folder;
  for (const char* select : {"nll", "loss", "last"}) {
    Task task("{steps: 20, batch: 32, ema: 0, select: " + std::string(select) + "}");
    if (std::string(select) != "last") task.validation = Task::normal(0, 1);
    Recorder recorder;
    recorder.watched = task.model;
    const TrainingResult result = task.run(CheckpointStore(folder.path(select)), recorder);
    EXPECT_TRUE(std::isnan(result.best_value));
    EXPECT_EQ(result.best_step, 20);
    EXPECT_TRUE(recorder.validations.empty());
    EXPECT_TRUE(at::equal(task.weights(), recorder.weights.back()));
  }
}

TEST(Train, NoSteps) {
  Task task("{steps: 0}");
  const Tensor initial = task.weights();
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Recorder recorder;
  task.nll = [] { return 0.0; };
  EXPECT_EQ(task.run(store, recorder).best_step, 0);
  EXPECT_TRUE(at::equal(task.weights(), initial));
  EXPECT_TRUE(store.latest(nullptr).has_value());
}

TEST(Train, FewerRowsThanABatch) {
  for (const char* time : {"stratified", "uniform"}) {
    Task task("{steps: 5, batch: 64, select: loss, validate_every: 5, time: " + std::string(time) + "}");
    task.train = Task::normal(3, 1);
    task.validation = Task::normal(1, 2);
    const TemporaryFolder folder;
    Recorder recorder;
    EXPECT_TRUE(std::isfinite(task.run(CheckpointStore(folder.path()), recorder).best_value));
  }
}

TEST(Train, DivergenceNamesStepSeedAndCheckpoint) {
  Task task("{steps: 50, batch: 32, select: last, checkpoint_seconds: 0, optimizer: {type: adam, rate: 1e25}}");
  const TemporaryFolder folder;
  Recorder recorder;
  try {
    task.run(CheckpointStore(folder.path()), recorder);
    FAIL() << "expected it to diverge";
  } catch (const NumericalError& e) {
    EXPECT_THAT(e.what(), HasSubstr("at step"));
    EXPECT_THAT(e.what(), HasSubstr("seed 3"));
    EXPECT_THAT(e.what(), HasSubstr(".safetensors"));
    EXPECT_THAT(e.what(), HasSubstr("optimizer.rate"));
  }
}

TEST(Train, RefusesImpossibleTasks) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Recorder recorder;
  Task empty(kShort), silent("{steps: 5}"), blank(kShort);
  empty.train = Task::normal(0, 1);
  EXPECT_THROW(empty.run(store, recorder), DataError);
  EXPECT_THROW(silent.run(store, recorder), ContractError) << "select: nll without a function";
  blank.model = nullptr;
  EXPECT_THROW(blank.run(store, recorder), ContractError);
}

TEST(Train, EachEpochShowsEachRowOnce) {
  // A coupling sees the batches go by.
  struct Spy final : Coupling {
    mutable std::vector<Tensor> seen;
    Pair couple(Pair pair, Rng&) const override {
      seen.push_back(pair.x1[0].flatten());
      return pair;
    }
  };
  Task task("{steps: 6, batch: 50, select: last}");
  const auto spy = std::make_shared<Spy>();
  task.coupling = spy;
  task.train = {{at::arange(100, at::kFloat).view({100, 1})}, {"x"}};
  const TemporaryFolder folder;
  Recorder recorder;
  task.run(CheckpointStore(folder.path()), recorder);
  ASSERT_EQ(spy->seen.size(), 6U);
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    const Tensor rows = at::cat({spy->seen[2 * epoch], spy->seen[2 * epoch + 1]});
    EXPECT_TRUE(at::equal(std::get<0>(rows.sort()), at::arange(100, at::kFloat)));
  }
  EXPECT_FALSE(at::equal(spy->seen[0], spy->seen[2])) << "each epoch has its own order";
}

}  // namespace
}  // namespace genmatch
