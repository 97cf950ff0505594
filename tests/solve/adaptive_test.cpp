// Error control and failures of the adaptive solver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/errors.h"
#include "core/solve/simulate.h"
#include "tests/problems/failing.h"
#include "tests/problems/nonlinear.h"
#include "tests/problems/reference.h"
#include "tests/solve/build_stepper.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

Solution run(const Problem& problem, const State& x0, const std::string& stepper) {
  Rng rng(4, "run");
  return simulate(*problem.generator, problem.spaces(), x0, 0, 1, *build_stepper(stepper), rng);
}

State start(const Problem& problem, int64_t rows) {
  Rng rng(3, "start");
  return sample_source(problem.factors, rows, rng, at::dtype(at::kDouble));
}

Tensor column(std::initializer_list<double> values) {
  return at::tensor(at::ArrayRef<double>(values), at::kDouble).unsqueeze(1);
}

int64_t code(Status status) { return static_cast<int64_t>(status); }

TEST(Dopri5, ErrorFollowsTheTolerance) {
  for (const Problem& problem : nonlinear_problems()) {
    for (const char* geometry : {"exp", "retraction"}) {
      const State x0 = start(problem, 8), exact = reference(problem, x0, 0, 1);
      double previous = 1;
      int64_t previous_steps = 0;
      for (const char* tolerance : {"1e-4", "1e-6", "1e-8", "1e-10"}) {
        const Solution end =
            run(problem, x0, std::string("{type: dopri5, tolerance: ") + tolerance + ", geometry: " + geometry + "}");
        double error = 0;
        for (std::size_t f = 0; f < x0.size(); ++f) {
          error = std::max(error, problem.factors[f].space->distance(end.x[f], exact[f]).max().item<double>());
        }
        // Global errors add local ones up, each at most the tolerance, and here grow them by less than e^3.
        EXPECT_LT(error, 30 * std::stod(tolerance)) << problem.name << " " << geometry;
        EXPECT_LT(error, previous / 5) << "100 times less was asked for: " << problem.name << " " << geometry;
        EXPECT_GT(end.steps.sum().item<int64_t>(), previous_steps);
        EXPECT_EQ(end.failures(), 0);
        previous = error;
        previous_steps = end.steps.sum().item<int64_t>();
      }
    }
  }
}

TEST(Dopri5, EachSampleHasStepsOfItsOwn) {
  Problem problem = blow_up();
  const Solution end = run(problem, {column({0.9, 0.1, 0})}, "{type: dopri5, tolerance: 1e-8}");
  EXPECT_TRUE(near(end.x[0], problem.flow({column({0.9, 0.1, 0})}, 1)[0], 1e-5));
  EXPECT_GT(end.steps[0].item<int64_t>(), 2 * end.steps[1].item<int64_t>());
  EXPECT_EQ(end.steps[2].item<int64_t>(), 1) << "nothing moves";
}

TEST(Dopri5, OptionsAreHonoured) {
  const Problem problem = nonlinear_plane();
  const State x0 = start(problem, 4), exact = reference(problem, x0, 0, 1);
  const auto error = [&](const char* options) {
    return (run(problem, x0, options).x[0] - exact[0]).abs().max().item<double>();
  };
  EXPECT_LT(error("{type: dopri5, tolerance: 1e-3, atol: 1e-9, rtol: 1e-9}"), 1e-7);
  EXPECT_GT(error("{type: dopri5, tolerance: 1e-9, atol: 1e-4, rtol: 1e-4}"), 1e-7);
  const auto steps = [&](const char* options) { return run(problem, x0, options).steps.max().item<int64_t>(); };
  EXPECT_GT(steps("{type: dopri5, first_step: 1e-6}"), steps("dopri5") + 4) << "grows by at most 5 a step";
}

TEST(Adaptive, BlowUpEndsThatSampleOnly) {
  const Problem problem = blow_up();
  const State x0{column({2, 0.5, -1, 4})};
  for (const auto dtype : {at::kDouble, at::kFloat}) {
    const Solution end = run(problem, {x0[0].to(dtype)}, "{type: dopri5, tolerance: 1e-6, max_steps: 3000}");
    EXPECT_EQ(end.failures(), 2);
    for (const int64_t row : {0, 3}) {
      EXPECT_EQ(end.status[row].item<int64_t>(), code(Status::step_too_small)) << row;
      EXPECT_GT(end.x[0][row].item<double>(), 1e3) << "held where it stopped";
      EXPECT_TRUE(finite(end.x[0][row]));
    }
    EXPECT_TRUE(near(end.x[0].slice(0, 1, 3), problem.flow(x0, 1)[0].slice(0, 1, 3), 1e-4));
  }
}

TEST(Adaptive, NotANumberEndsThatSampleOnly) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Solution end = run(not_a_number(), {column({0.3, -2, nan, -3})}, "dopri5");
  EXPECT_TRUE(at::equal(end.status, at::tensor({code(Status::not_finite), code(Status::done), code(Status::not_finite),
                                                code(Status::done)})));
  EXPECT_NEAR(end.x[0][0].item<double>(), 0.8, 1e-6) << "held where the drift ended, at t = 1/2";
  EXPECT_NEAR(end.x[0][1].item<double>(), -1, 1e-12);
  EXPECT_NEAR(end.x[0][3].item<double>(), -2, 1e-12);
  EXPECT_EQ(end.steps[2].item<int64_t>(), 0);
}

TEST(Adaptive, StepLimitEndsTheRest) {
  const Solution end = run(stiff(), {column({1, 5})}, "{type: dopri5, max_steps: 25}");
  EXPECT_TRUE(end.status.eq(code(Status::step_limit)).all().item<bool>());
  EXPECT_TRUE(end.steps.eq(25).all().item<bool>());
  EXPECT_TRUE(finite(end.x[0]));
}

TEST(Fixed, FailuresAreFoundInTheResult) {
  for (const char* stepper : {"euler", "rk4", "{type: rk4, geometry: retraction}"}) {
    const Solution end = run(not_a_number(), {column({0.3, -2})}, stepper);
    EXPECT_TRUE(at::equal(end.status, at::tensor({code(Status::not_finite), code(Status::done)}))) << stepper;
    EXPECT_EQ(end.failures(), 1);
    EXPECT_NEAR(end.x[0][1].item<double>(), -1, 1e-12);
  }
}

// A manifold must not turn a NaN drift into a valid point.
TEST(Fixed, NotANumberStaysSoOnEverySpace) {
  for (Problem problem : nonlinear_problems()) {
    const GeneratorPtr whole = problem.generator;
    problem.generator = std::make_shared<Field>([whole](const State& x, const Tensor& t) {
      State drifts;
      for (const Coefficients& c : whole->at(x, t)) drifts.push_back(c.drift.clone());
      drifts.back()[1].fill_(std::numeric_limits<double>::quiet_NaN());
      return drifts;
    });
    for (const char* name : {"euler", "midpoint", "heun", "rk4"}) {
      for (const char* geometry : {"exp", "retraction"}) {
        const std::string stepper = std::string("{type: ") + name + ", steps: 5, geometry: " + geometry + "}";
        const Solution end = run(problem, start(problem, 3), stepper);
        EXPECT_EQ(end.failures(), 1) << problem.name << " " << stepper;
        EXPECT_EQ(end.status[1].item<int64_t>(), code(Status::not_finite)) << problem.name << " " << stepper;
      }
    }
  }
}

TEST(Trajectory, FailedSamplesAreNaNFromThenOn) {
  const Problem problem = not_a_number();
  for (const char* stepper : {"rk4", "dopri5"}) {
    Rng rng(1, "trajectory");
    const auto states = trajectory(*problem.generator, problem.spaces(), {column({0.3, -2})}, {0, 0.4, 0.8, 1},
                                   *build_stepper(stepper), rng);
    EXPECT_TRUE(near(states[1][0], column({0.7, -1.6}), 1e-12));
    for (const std::size_t i : {2, 3}) {
      EXPECT_TRUE(std::isnan(states[i][0][0].item<double>())) << stepper;
      EXPECT_FALSE(std::isnan(states[i][0][1].item<double>())) << stepper;
    }
  }
}

}  // namespace
}  // namespace genmatch
