// How a trained process is run: what the options make of it, and what they refuse.
#include "core/solve/sampling_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/process/condition.h"
#include "core/process/labels.h"
#include "core/process/source.h"
#include "tests/gaussian/mixture_problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

SamplingOptions options(const std::string& stepper = "{type: dopri5, tolerance: 1e-8}") {
  SamplingOptions o;
  o.stepper = chosen<StepperChoice>(stepper);
  o.grid = chosen<TimeGridChoice>("uniform");
  o.process = chosen<SamplerChoice>("ode");
  o.likelihood_stepper = o.stepper;
  return o;
}

template <class Action>
std::string message(const Action& action) {
  try {
    action();
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "accepted";
}

// From sigma(0) = 1 to noise that is gone, the end points of the flow do not depend on the schedule.
TEST(SamplingOptions, AnotherScheduleHasTheSameEndPoints) {
  const MixtureProblem problem(std::make_shared<Straight>());
  const State x0 = problem.start(40);
  const auto end = [&](const SamplingOptions& o) {
    Rng rng(1, "none");
    return o.make_sampler(problem.factors)->run(problem.oracle, x0, rng, {}).x[0];
  };
  SamplingOptions other = options();
  for (const char* schedule : {"trigonometric", "power"}) {
    other.schedule = chosen<GaussianScheduleChoice>(schedule);
    EXPECT_TRUE(near(end(other), end(options()), 1e-4)) << schedule;
    EXPECT_FALSE(other.make_sampler(problem.factors)->ode());
  }
  // Where the other schedule begins at much noise, x0 is scaled to it, and what comes out scaled back.
  other.schedule = chosen<GaussianScheduleChoice>("{type: ve, sigma_min: 1e-4, sigma_max: 1000}");
  EXPECT_LT((end(other) - end(options())).abs().median().item<double>(), 0.02);
}

TEST(SamplingOptions, AScheduleNeedsGaussianPaths) {
  MixtureProblem problem(std::make_shared<Straight>());
  problem.factors[0].path = nullptr;
  SamplingOptions o = options();
  o.schedule = chosen<GaussianScheduleChoice>("vp");
  EXPECT_THAT(message([&] { o.make_sampler(problem.factors); }),
              HasSubstr("a change of schedule needs Gaussian paths"));
}

TEST(SamplingOptions, WhatIsSaidOfConditionsMustFitTheModel) {
  const Factors plain{make_factor("euclidean", 2)};
  Factors conditional = plain;
  conditional.push_back(condition_factor({labels(4)}, 0));
  const auto refused = [](const Factors& factors, const std::function<void(SamplingOptions&)>& change) {
    SamplingOptions o = options();
    change(o);
    return message([&] { o.check_condition(factors); });
  };
  EXPECT_EQ(refused(conditional, [](auto&) {}), "accepted");
  EXPECT_THAT(refused(plain, [](auto& o) { o.guidance.weight = 2; }), HasSubstr("there are no `conditions`"));
  EXPECT_THAT(refused(plain, [](auto& o) { o.given = {1}; }), HasSubstr("there are no `conditions`"));
  EXPECT_THAT(refused(conditional, [](auto& o) { o.guidance.weight = 2; }), HasSubstr("condition_dropout"));
  EXPECT_THAT(refused(conditional, [](auto& o) { o.guidance.from = 2; }), HasSubstr("must not be above"));
  EXPECT_THAT(refused(conditional, [](auto& o) { o.given = {1, 2}; }), HasSubstr("expected 1 number"));
  EXPECT_THAT(refused(conditional, [](auto& o) { o.given = {4}; }), HasSubstr("4 is not in given {0, ..., 3}"));
  EXPECT_THAT(refused(conditional, [](auto& o) { o.given = {NAN}; }), HasSubstr("is not in"));
}

TEST(SamplingOptions, ConditionsComeFromTheTrainingRowsOrAreGiven) {
  const Factors factors{make_factor("euclidean", 2), condition_factor({labels(4)}, 0)};
  const Tensor rows = at::tensor({1., 1., 3., 1.}, at::kDouble).reshape({2, 2});
  Rng rng(1, "conditions");
  const Tensor drawn = options().condition_source(factors, rows)->sample(1000, rng, at::kFloat);
  EXPECT_TRUE((drawn.select(1, 0).eq(1) | drawn.select(1, 0).eq(3)).all().item<bool>());
  EXPECT_NEAR(drawn.select(1, 0).mean().item<double>(), 2, 5. / std::sqrt(1000));
  SamplingOptions o = options();
  o.given = {2};
  EXPECT_TRUE(o.condition_source(factors, rows)->sample(3, rng, at::kFloat).select(1, 0).equal(at::full({3}, 2.f)));
}

}  // namespace
}  // namespace genmatch
