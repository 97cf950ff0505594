#include "core/learn/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"
#include "tests/learn/training_task.h"

namespace genmatch {
namespace {

using learn_test::kShort;
using learn_test::Recorder;
using learn_test::Task;
using testing::HasSubstr;

// Gaussian source and data: x_t is Gaussian, so E[x1 - x0 | x_t] is the linear regression on x_t. The error of the
// task's network against it at times up to `latest`, as a share of its size.
double relative_error(const Task& task, double latest) {
  Rng rng(9, "test");
  const int64_t rows = 4000;
  const Tensor t = latest * rng.uniform({rows}, at::kFloat), noise = rng.normal({rows}, at::kFloat);
  const Tensor variance = (Task::kDeviation * t).square() + (1 - t).square();
  const Tensor x = Task::kMean * t + variance.sqrt() * noise;
  const Tensor covariance = Task::kDeviation * Task::kDeviation * t - (1 - t);
  const Tensor exact = Task::kMean + covariance / variance * (x - Task::kMean * t);
  const at::NoGradGuard no_grad;
  const Tensor learned = LearnedGenerator(task.factors, task.model).at({x.unsqueeze(1)}, t)[0].drift.squeeze(1);
  return ((learned - exact).square().mean() / exact.square().mean()).sqrt().item<double>();
}

const std::string kLong =
    "steps: 1500, batch: 512, select: last, ema: 0.99, optimizer: {type: adam, rate: 1e-2}, "
    "schedule: {type: cosine, warmup: 20}";

TEST(Train, LearnsTheClosedFormOfGaussians) {
  Task task("{" + kLong + "}", "width: 32, depth: 2");
  task.train = Task::normal(20000, 1);
  const TemporaryFolder folder;
  Recorder recorder;
  task.run(CheckpointStore(folder.path()), recorder);
  // Bounds the error of the fit: the mean of the data alone has the error 0.5 / sqrt(20000) = 0.004.
  EXPECT_LT(relative_error(task, 1), 0.04);
}

// What is predicted, the loss and the times are another matter than what is learnt. Errors in the data count
// 1 / (1 - t) times in the velocity.
TEST(Train, LearnsTheSameByPredictingTheData) {
  Task task("{" + kLong + ", loss: {type: output, weighting: min_snr}, time: logit_normal}", "width: 32, depth: 2");
  task.train = Task::normal(20000, 1);
  Factor& factor = task.factors[0];
  factor.generators[0].generator =
      learn_test::choose<GeneratorChoice>("{type: flow, predict: data}").make(factor.space, factor.path);
  const TemporaryFolder folder;
  Recorder recorder;
  task.run(CheckpointStore(folder.path()), recorder);
  EXPECT_LT(relative_error(task, 0.8), 0.06);
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

TEST(Train, ValidationCouplesAsManyRowsAsTraining) {
  struct Spy final : Coupling {
    mutable int64_t largest = 0, rows = 0;
    Pair couple(Pair pair, Rng&) const override {
      largest = std::max(largest, pair.x1[0].size(0));
      rows += pair.x1[0].size(0);
      return pair;
    }
  };
  Task task("{steps: 2, batch: 50, select: loss, validate_every: 2}");
  const auto spy = std::make_shared<Spy>();
  task.coupling = spy;
  const TemporaryFolder folder;
  Recorder recorder;
  task.run(CheckpointStore(folder.path()), recorder);
  EXPECT_EQ(spy->largest, 50);
  EXPECT_GT(spy->rows, 1000);  // the validation rows were among them
}

}  // namespace
}  // namespace genmatch
