// The laws of core/solve/stepper.h, for every registered stepper.
#include "core/solve/stepper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/conformance/cases.h"
#include "tests/problems/nonlinear.h"
#include "tests/problems/reference.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr int64_t kRows = 5;

State start(const Problem& problem, at::ScalarType dtype = at::kDouble, int64_t rows = kRows) {
  Rng rng(11, "stepper law");
  return sample_source(problem.factors, rows, rng, at::dtype(dtype));
}

State slopes(const Problem& problem, const State& x, const Tensor& t) {
  State all;
  for (const Coefficients& c : problem.generator->at(x, t)) all.push_back(c.drift);
  return all;
}

class StepperLaw : public testing::TestWithParam<Case> {
 protected:
  const std::shared_ptr<Stepper> stepper_ = read_component<StepperChoice>(GetParam()).make();

  Step step(const Problem& problem, const State& x, double t, double dt, const State& slope = {}) {
    const auto full = [&](double value) { return at::full({x[0].size(0)}, value, x[0].options()); };
    return stepper_->step(*problem.generator, problem.spaces(), x, full(t), full(dt), slope, rng_);
  }
  // n equal steps from 0 to 1.
  State solve(const Problem& problem, int n) {
    Step last{start(problem), {}, {}};
    for (int i = 0; i < n; ++i) last = step(problem, last.x, static_cast<double>(i) / n, 1. / n, last.slope);
    return last.x;
  }
  Rng rng_{5, "steps"};
};

// Root mean square over rows of the distance, largest over factors.
double distance(const Problem& problem, const State& x, const State& y) {
  double largest = 0;
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Tensor d = problem.factors[f].space->distance(x[f], y[f]);
    largest = std::max(largest, d.square().mean().sqrt().item<double>());
  }
  return largest;
}

// Law 1: the slope of the logarithms by least squares.
TEST_P(StepperLaw, GlobalErrorFallsAsStepToTheOrder) {
  const at::NoGradGuard no_grad;
  // Fine enough for the leading term of the error to rule, coarse enough to stay well above the reference's own.
  const int coarsest = stepper_->order() <= 2 ? 32 : 16;
  constexpr int lengths = 3;
  for (const Problem& problem : nonlinear_problems()) {
    const State exact = reference(problem, start(problem), 0, 1);
    double xy = 0;
    std::string errors;
    for (int i = 0; i < lengths; ++i) {
      const double error = distance(problem, solve(problem, coarsest << i), exact);
      ASSERT_GT(error, 2e-13) << problem.name << ": too near the reference's own, 1e-14";
      xy += (i - 0.5 * (lengths - 1)) * -std::log2(error);
      errors += " " + std::to_string(std::log10(error));
    }
    const double measured = xy / (lengths * (lengths * lengths - 1) / 12.);
    EXPECT_NEAR(measured, stepper_->order(), 0.25) << problem.name << ", log10 of errors:" << errors;
  }
}

// Law 2, in float32 and with steps as long as the manifold is wide.
TEST_P(StepperLaw, StepEndsOnTheSpace) {
  for (const Problem& problem : nonlinear_problems()) {
    for (const double dt : {1e-3, 0.5, -1.5}) {
      const State x = step(problem, start(problem, at::kFloat), 0.5, dt).x;
      for (std::size_t f = 0; f < x.size(); ++f) {
        EXPECT_EQ(x[f].scalar_type(), at::kFloat);
        EXPECT_TRUE(all_at_most(problem.factors[f].space->violation(x[f]), 1e-5)) << problem.name << " " << dt;
      }
    }
  }
}

// Law 3, with a batch of no rows too.
TEST_P(StepperLaw, RowsDoNotDependOnEachOther) {
  for (const Problem& problem : nonlinear_problems()) {
    const State x = start(problem);
    const Step together = step(problem, x, 0.2, 0.1);
    for (int64_t row = 0; row < kRows; ++row) {
      State one;
      for (const Tensor& xi : x) one.push_back(xi.slice(0, row, row + 1));
      const Step alone = step(problem, one, 0.2, 0.1);
      for (std::size_t f = 0; f < x.size(); ++f)
        EXPECT_TRUE(near(alone.x[f], together.x[f].slice(0, row, row + 1), 1e-14));
      if (together.error.defined()) {
        EXPECT_TRUE(near(alone.error, together.error.slice(0, row, row + 1), 1e-9));
      }
    }
    const State none = step(problem, start(problem, at::kDouble, 0), 0.2, 0.1).x;
    for (std::size_t f = 0; f < x.size(); ++f) EXPECT_EQ(none[f].sizes(), x[f].slice(0, 0, 0).sizes());
  }
}

// Law 4, and that a slope that is handed over changes nothing.
TEST_P(StepperLaw, SlopeIsTheDriftAtTheEnd) {
  for (const Problem& problem : nonlinear_problems()) {
    const State x = start(problem);
    const auto full = [](double value) { return at::full({kRows}, value, at::kDouble); };
    const Step end = step(problem, x, 0.3, 0.2), given = step(problem, x, 0.3, 0.2, slopes(problem, x, full(0.3)));
    const State expected = slopes(problem, end.x, full(0.5));
    for (std::size_t f = 0; f < x.size(); ++f) {
      EXPECT_TRUE(near(given.x[f], end.x[f], 1e-14));
      if (!end.slope.empty()) {
        EXPECT_TRUE(near(end.slope[f], expected[f], 1e-12)) << problem.name;
      }
    }
  }
}

TEST_P(StepperLaw, AnUndefinedDriftLeavesItsFactorAlone) {
  Problem problem = nonlinear_product();
  problem.generator = std::make_shared<Field>([](const State& x, const Tensor&) { return State{x[0], Tensor()}; });
  const State x = start(problem), end = step(problem, x, 0, 0.25).x;
  EXPECT_TRUE(at::equal(end[1], x[1]));
  EXPECT_TRUE((end[0] / x[0]).gt(1.2).all().item<bool>()) << "exp(1/4) = 1.28, Euler gives 1.25";
}

TEST_P(StepperLaw, AdaptiveSteppersKnowTheirError) {
  const Problem problem = nonlinear_sphere();
  const Tensor error = step(problem, start(problem), 0, 0.1).error;
  ASSERT_EQ(error.defined(), stepper_->adaptive());
  if (!stepper_->adaptive()) return;
  const Tensor half = step(problem, start(problem), 0, 0.05).error;
  // Each row's ratio is 2^order up to the next term of the expansion; the median over rows is steadier.
  EXPECT_NEAR(at::log2(error / half).median().item<double>(), stepper_->order(), 0.5);
}

INSTANTIATE_TEST_SUITE_P(Cases, StepperLaw, testing::ValuesIn(cases("stepper")),
                         [](const testing::TestParamInfo<Case>& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
