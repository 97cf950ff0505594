#include "core/solve/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/errors.h"
#include "tests/problems/closed_form.h"
#include "tests/problems/nonlinear.h"
#include "tests/solve/build_stepper.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

const char* const kSteppers[] = {"{type: euler, steps: 20}",
                                 "{type: midpoint, steps: 20}",
                                 "{type: heun, steps: 20}",
                                 "rk4",
                                 "{type: rk4, steps: 20, geometry: retraction}",
                                 "dopri5",
                                 "{type: dopri5, geometry: exp}"};

State start(const Problem& problem, int64_t rows = 6, at::ScalarType dtype = at::kDouble) {
  Rng rng(3, "start");
  return sample_source(problem.factors, rows, rng, at::dtype(dtype));
}

Solution run(const Problem& problem, const State& x0, double from, double to, const std::string& stepper,
             const StepCallback& callback = {}) {
  Rng rng(4, "run");
  return simulate(*problem.generator, problem.spaces(), x0, from, to, *build_stepper(stepper), rng, callback);
}

TEST(Simulate, FollowsFlowsKnownInClosedForm) {
  for (const Problem& problem : {linear_gaussian(), rotation()}) {
    const State x0 = start(problem);
    for (const char* stepper : {"{type: rk4, steps: 200}", "{type: rk4, steps: 200, geometry: retraction}",
                                "{type: dopri5, tolerance: 1e-9}", "{type: dopri5, tolerance: 1e-9, geometry: exp}"}) {
      const Solution end = run(problem, x0, 0, 0.8, stepper);
      EXPECT_TRUE(near(end.x[0], problem.flow(x0, 0.8)[0], 1e-7)) << problem.name << " " << stepper;
      EXPECT_EQ(end.failures(), 0);
    }
  }
}

TEST(Simulate, ComesBackWhenRunBackward) {
  for (const Problem& problem : nonlinear_problems()) {
    const State x0 = start(problem);
    for (const char* stepper : {"{type: rk4, steps: 100}", "{type: dopri5, tolerance: 1e-9}"}) {
      const State back = run(problem, run(problem, x0, 0, 1, stepper).x, 1, 0, stepper).x;
      for (std::size_t f = 0; f < x0.size(); ++f) {
        EXPECT_TRUE(all_at_most(problem.factors[f].space->distance(back[f], x0[f]), 1e-6)) << problem.name;
      }
    }
  }
}

TEST(Simulate, Float32AgreesWithFloat64ToItsPrecision) {
  const Problem problem = rotation();
  const State x0 = start(problem);
  for (const char* stepper : {"{type: rk4, steps: 200}", "{type: dopri5, tolerance: 1e-5}"}) {
    const Tensor single = run(problem, {x0[0].to(at::kFloat)}, 0, 1, stepper).x[0];
    EXPECT_EQ(single.scalar_type(), at::kFloat);
    EXPECT_TRUE(near(single, problem.flow(x0, 1)[0], 1e-4)) << stepper;
  }
}

TEST(Simulate, NowhereToGoReturnsTheStart) {
  const Problem problem = nonlinear_product();
  for (const char* stepper : kSteppers) {
    const State x0 = start(problem);
    const Solution still = run(problem, x0, 0.3, 0.3, stepper), none = run(problem, start(problem, 0), 0, 1, stepper);
    for (std::size_t f = 0; f < x0.size(); ++f) {
      EXPECT_TRUE(at::equal(still.x[f], x0[f]));
      EXPECT_EQ(none.x[f].sizes(), x0[f].slice(0, 0, 0).sizes());
    }
    EXPECT_EQ(still.evaluations, 0);
    EXPECT_EQ(still.steps.sum().item<int64_t>(), 0);
    EXPECT_EQ(none.failures(), 0);
    EXPECT_EQ(none.status.size(0), 0);
  }
}

TEST(Simulate, OneRowGivesWhatItGivesInABatch) {
  const Problem problem = nonlinear_sphere();
  const State x0 = start(problem);
  for (const char* stepper : kSteppers) {
    const Solution all = run(problem, x0, 0, 1, stepper);
    for (int64_t row = 0; row < 6; ++row) {
      const Solution one = run(problem, {x0[0].slice(0, row, row + 1)}, 0, 1, stepper);
      EXPECT_TRUE(near(one.x[0][0], all.x[0][row], 1e-12)) << stepper;
      EXPECT_EQ(one.steps.item<int64_t>(), all.steps[row].item<int64_t>());
    }
  }
}

TEST(Simulate, FixedStepsAreAsManyAsTheIntervalAsksFor) {
  const Problem problem = rotation();
  const auto steps = [&](double from, double to, const char* stepper) {
    return run(problem, start(problem), from, to, stepper).steps[0].item<int64_t>();
  };
  EXPECT_EQ(steps(0, 1, "{type: heun, steps: 30}"), 30);
  EXPECT_EQ(steps(0.4, 0.1, "{type: heun, steps: 30}"), 9);
  EXPECT_EQ(steps(0.1, 0.15, "{type: heun, steps: 30}"), 2) << "rounded up";
  EXPECT_EQ(steps(0.1, 0.1001, "{type: heun, steps: 30}"), 1);
}

TEST(Simulate, CountsCallsOfTheGenerator) {
  const Problem problem = nonlinear_sphere();
  EXPECT_EQ(run(problem, start(problem), 0, 1, "{type: euler, steps: 10}").evaluations, 10);
  EXPECT_EQ(run(problem, start(problem), 0, 1, "{type: rk4, steps: 10}").evaluations, 40);
  const Solution adaptive = run(problem, start(problem), 0, 1, "dopri5");
  EXPECT_EQ(adaptive.evaluations, 1 + 6 * adaptive.steps.max().item<int64_t>()) << "first same as last";
}

TEST(Simulate, TellsTheCallbackHowFarItIs) {
  const Problem problem = nonlinear_product();
  for (const char* stepper : {"{type: midpoint, steps: 20}", "dopri5"}) {
    const bool adaptive = build_stepper(stepper)->adaptive();
    std::vector<double> fractions;
    const Solution end = run(problem, start(problem), 1, 0, stepper, [&](double fraction, double t, const State& x) {
      EXPECT_NEAR(t, 1 - fraction, 1e-12);
      EXPECT_EQ(x.size(), adaptive ? 0u : 2u);
      fractions.push_back(fraction);
    });
    EXPECT_EQ(fractions.size(), static_cast<std::size_t>(end.steps.max().item<int64_t>()));
    EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
    EXPECT_EQ(fractions.back(), 1);
  }
}

TEST(Simulate, RecordsNoGradient) {
  const Problem problem = nonlinear_plane();
  for (const char* stepper : {"rk4", "dopri5"}) {
    EXPECT_FALSE(run(problem, {start(problem)[0].requires_grad_(true)}, 0, 1, stepper).x[0].requires_grad()) << stepper;
  }
}

TEST(Simulate, RefusesWhatDoesNotFit) {
  const Problem problem = nonlinear_product();
  const State x = start(problem);
  const auto message = [&](const State& x0, double to) -> std::string {
    try {
      run(problem, x0, 0, to, "rk4");
    } catch (const ContractError& e) {
      return e.what();
    }
    return "accepted";
  };
  using testing::HasSubstr;
  EXPECT_THAT(message({x[0]}, 1), HasSubstr("one tensor for each of 2 spaces (at least one) expected, got 1"));
  EXPECT_THAT(message({x[0], x[1].slice(1, 0, 2)}, 1), HasSubstr("factor 2 (S^2): a tensor [6, 3]"));
  EXPECT_THAT(message({x[0], x[1].slice(0, 0, 4)}, 1), HasSubstr("got [4, 3]"));
  EXPECT_THAT(message({x[0], x[1].to(at::kFloat)}, 1), HasSubstr("got [6, 3] of Float"));
  EXPECT_THAT(message({x[0], Tensor()}, 1), HasSubstr("got none"));
  EXPECT_THAT(message(x, std::numeric_limits<double>::infinity()), HasSubstr("finite times expected"));
}

TEST(Simulate, RefusesADriftOfTheWrongShape) {
  Problem problem = nonlinear_plane();
  problem.generator = std::make_shared<Field>([](const State& x, const Tensor&) { return State{x[0].select(1, 0)}; });
  EXPECT_THROW(run(problem, start(problem), 0, 1, "euler"), ContractError);
  EXPECT_THROW(run(problem, start(problem), 0, 1, "dopri5"), ContractError);
  problem.generator = std::make_shared<Field>([](const State& x, const Tensor&) { return State{x[0], x[0]}; });
  EXPECT_THROW(run(problem, start(problem), 0, 1, "rk4"), ContractError);
}

TEST(Trajectory, PassesThroughWhatSimulateReaches) {
  const Problem problem = rotation();
  const State x0 = start(problem);
  for (const std::vector<double>& times : {std::vector<double>{0, 0.25, 0.5, 1}, {1, 0.3}, {0.5}}) {
    Rng rng(1, "trajectory");
    const auto states = trajectory(*problem.generator, problem.spaces(), x0, times,
                                   *build_stepper("{type: dopri5, tolerance: 1e-9}"), rng);
    ASSERT_EQ(states.size(), times.size());
    EXPECT_TRUE(at::equal(states[0][0], x0[0]));
    for (std::size_t i = 1; i < times.size(); ++i) {
      const State direct = run(problem, x0, times[0], times[i], "{type: dopri5, tolerance: 1e-9}").x;
      EXPECT_TRUE(near(states[i][0], direct[0], 1e-7));
    }
  }
}

TEST(Trajectory, RefusesTimesThatTurnBack) {
  const Problem problem = rotation();
  const auto through = [&](const std::vector<double>& times) {
    Rng rng(1, "trajectory");
    return trajectory(*problem.generator, problem.spaces(), start(problem), times, *build_stepper("euler"), rng);
  };
  EXPECT_THROW(through({}), ContractError);
  EXPECT_THROW(through({0, 0.5, 0.4}), ContractError);
  EXPECT_THROW(through({0, 0}), ContractError);
  EXPECT_THROW(through({0, 0.5, 0.5}), ContractError);
}

}  // namespace
}  // namespace genmatch
