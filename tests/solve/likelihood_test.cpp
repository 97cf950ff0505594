#include "core/solve/likelihood.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/errors.h"
#include "tests/problems/closed_form.h"
#include "tests/problems/failing.h"
#include "tests/problems/nonlinear.h"
#include "tests/solve/build_stepper.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

State points(const Problem& problem, int64_t rows, at::ScalarType dtype = at::kDouble) {
  Rng rng(21, "points");
  State x;
  for (const Factor& f : problem.factors) x.push_back(f.space->sample(rows, rng, at::dtype(dtype)));
  return x;
}

Likelihood density(const Problem& problem, const State& x1, const char* stepper,
                   const DivergenceOptions& divergence = {}) {
  Rng rng(22, "density");
  return log_density(*problem.generator, problem.factors, x1, *build_stepper(stepper), divergence, rng);
}

DivergenceOptions hutchinson(int64_t probes, const char* noise) { return {"hutchinson", probes, noise}; }

std::vector<Problem> with_density() {
  return {linear_gaussian(), rotation(), growing_von_mises_fisher(), shrinking_wrapped_normal(1),
          shrinking_wrapped_normal(2)};
}

TEST(LogDensity, EqualsClosedForms) {
  for (const Problem& problem : with_density()) {
    const State x1 = points(problem, 12);
    const Likelihood exact = density(problem, x1, "{type: dopri5, tolerance: 1e-9}");
    EXPECT_TRUE(near(exact.log_density, problem.log_density(x1), 2e-7)) << problem.name;
    EXPECT_TRUE(exact.standard_error.eq(0).all().item<bool>());
    EXPECT_EQ(exact.x.size(), 1u);
  }
}

TEST(LogDensity, EqualsClosedFormsWithFixedStepsToo) {
  for (const Problem& problem : {linear_gaussian(), growing_von_mises_fisher()}) {
    const State x1 = points(problem, 12);
    for (const char* stepper : {"{type: rk4, steps: 60}", "{type: rk4, steps: 60, geometry: retraction}"}) {
      const Tensor value = density(problem, x1, stepper).log_density;
      EXPECT_TRUE(near(value, problem.log_density(x1), 1e-6)) << problem.name << " " << stepper;
    }
  }
}

TEST(LogDensity, Float32HasItsPrecision) {
  for (const Problem& problem : with_density()) {
    const State x1 = points(problem, 12), single{x1[0].to(at::kFloat)};
    const Tensor value = density(problem, single, "{type: dopri5, tolerance: 1e-5}").log_density;
    EXPECT_EQ(value.scalar_type(), at::kFloat);
    EXPECT_TRUE(near(value, problem.log_density(x1), 1e-3)) << problem.name;
  }
}

// The log-density is controlled too: it is one more factor of the state.
TEST(LogDensity, ToleranceHoldsForTheDensityToo) {
  const Problem problem = growing_von_mises_fisher();
  const State x1 = points(problem, 20);
  for (const char* tolerance : {"1e-4", "1e-6", "1e-8"}) {
    const std::string stepper = std::string("{type: dopri5, tolerance: ") + tolerance + "}";
    const Tensor error = density(problem, x1, stepper.c_str()).log_density - problem.log_density(x1);
    EXPECT_TRUE(all_at_most(error.abs(), 30 * std::stod(tolerance)));
  }
}

TEST(LogDensity, EndsAtTheSource) {
  const Problem problem = linear_gaussian();
  const State x0 = points(problem, 5), x1 = problem.flow(x0, 1);
  EXPECT_TRUE(near(density(problem, x1, "{type: dopri5, tolerance: 1e-9}").x[0], x0[0], 1e-7));
}

// Both the mean over probes and its standard error, without leaning on the law of one estimate: over rows, the mean of
// (estimate - exact) and of (estimate - exact)^2 - standard_error^2 are zero within 5 standard errors of their own.
TEST(Hutchinson, IsUnbiasedWithAnHonestStandardError) {
  constexpr int64_t rows = 1500;
  const auto z_score = [](const Tensor& v) {
    return (v.mean() / (v.std() / std::sqrt(static_cast<double>(v.numel())))).item<double>();
  };
  for (const Problem& problem : {linear_gaussian(), nonlinear_sphere(), nonlinear_torus(), nonlinear_product()}) {
    const State x1 = points(problem, rows);
    const Tensor exact = density(problem, x1, "{type: rk4, steps: 8}").log_density;
    for (const char* noise : {"rademacher", "gaussian"}) {
      const Likelihood estimate = density(problem, x1, "{type: rk4, steps: 8}", hutchinson(4, noise));
      const Tensor difference = estimate.log_density - exact;
      EXPECT_LT(std::abs(z_score(difference)), 5) << problem.name << " " << noise;
      EXPECT_LT(std::abs(z_score(difference.square() - estimate.standard_error.square())), 5)
          << problem.name << " " << noise;
      EXPECT_GT(difference.abs().mean().item<double>(), 0.02) << "random at all: " << problem.name;
    }
  }
}

TEST(Hutchinson, ProbesStayWithTheirRows) {
  const Problem problem = growing_von_mises_fisher();
  const State x1 = points(problem, 16);
  // Adaptive steps drop rows as they finish; fixed ones do not: the same probes give the same estimates.
  const Likelihood adaptive = density(problem, x1, "{type: dopri5, tolerance: 1e-9}", hutchinson(3, "gaussian"));
  const Likelihood fixed = density(problem, x1, "{type: rk4, steps: 100}", hutchinson(3, "gaussian"));
  EXPECT_GT(adaptive.solution.steps.max().item<int64_t>(), adaptive.solution.steps.min().item<int64_t>());
  EXPECT_TRUE(near(adaptive.log_density, fixed.log_density, 1e-6));
  EXPECT_TRUE(near(adaptive.standard_error, fixed.standard_error, 1e-6));
}

TEST(Hutchinson, OneProbeHasNoStandardError) {
  const Problem problem = nonlinear_sphere();
  const Likelihood one = density(problem, points(problem, 3), "dopri5", hutchinson(1, "rademacher"));
  EXPECT_TRUE(finite(one.log_density));
  EXPECT_TRUE(one.standard_error.isnan().all().item<bool>());
}

// In one dimension z = +-1 is no estimate at all.
TEST(Hutchinson, RademacherIsExactOnTheCircle) {
  const Problem problem = shrinking_wrapped_normal(1);
  const State x1 = points(problem, 6);
  const Likelihood estimate = density(problem, x1, "{type: rk4, steps: 400}", hutchinson(2, "rademacher"));
  EXPECT_TRUE(near(estimate.log_density, problem.log_density(x1), 1e-7));
  EXPECT_TRUE(all_at_most(estimate.standard_error, 1e-12));
}

TEST(SampleWithDensity, AgreesWithTheDensityAtTheSamples) {
  std::vector<Problem> problems = with_density();
  problems.push_back(nonlinear_product());
  for (const Problem& problem : problems) {
    Rng rng(31, "samples"), again(31, "samples");
    const auto stepper = build_stepper("{type: dopri5, tolerance: 1e-9}");
    const auto like = at::dtype(at::kDouble);
    const Likelihood drawn = sample_with_density(*problem.generator, problem.factors, 10, *stepper, {}, like, rng);
    const Tensor solved = density(problem, drawn.x, "{type: dopri5, tolerance: 1e-9}").log_density;
    EXPECT_TRUE(near(drawn.log_density, solved, 1e-6)) << problem.name;
    const State x0 = sample_source(problem.factors, 10, again, like);
    const State x1 = simulate(*problem.generator, problem.spaces(), x0, 0, 1, *stepper, again).x;
    for (std::size_t f = 0; f < x1.size(); ++f) EXPECT_TRUE(near(drawn.x[f], x1[f], 1e-6)) << problem.name;
  }
}

TEST(SampleWithDensity, HutchinsonIsUnbiased) {
  const Problem problem = linear_gaussian();
  Rng rng(32, "samples");
  const Likelihood drawn = sample_with_density(*problem.generator, problem.factors, 1500, *build_stepper("rk4"),
                                               hutchinson(4, "rademacher"), at::dtype(at::kDouble), rng);
  const Tensor z = (drawn.log_density - problem.log_density(drawn.x)) / drawn.standard_error.square().mean().sqrt();
  EXPECT_LT(std::abs(z.mean().item<double>()) * std::sqrt(1500.), 5);
}

TEST(Likelihood, TakesBatchesOfNoRows) {
  const Problem problem = nonlinear_product();
  for (const DivergenceOptions& divergence : {DivergenceOptions{}, hutchinson(3, "gaussian")}) {
    EXPECT_EQ(density(problem, points(problem, 0), "dopri5", divergence).log_density.sizes(), Shape{0});
    Rng rng(33, "samples");
    const Likelihood none = sample_with_density(*problem.generator, problem.factors, 0, *build_stepper("rk4"),
                                                divergence, at::dtype(at::kFloat), rng);
    EXPECT_EQ(none.log_density.sizes(), Shape{0});
    EXPECT_EQ(none.standard_error.sizes(), Shape{0});
  }
}

TEST(LogDensity, OfAFailedSampleIsNaN) {
  const Problem problem = not_a_number();
  const State x1{at::tensor({0.7, -1.}, at::kDouble).unsqueeze(1)};  // the first drift is NaN at t = 1
  for (const char* stepper : {"rk4", "dopri5"}) {
    const Likelihood result = density(problem, x1, stepper);
    EXPECT_TRUE(std::isnan(result.log_density[0].item<double>()));
    EXPECT_NEAR(result.log_density[1].item<double>(), -0.5 * 4 - 0.5 * std::log(2 * kPi), 1e-9) << "N(-2; 0, 1)";
    EXPECT_EQ(result.solution.failures(), 1);
  }
}

TEST(LogDensity, RefusesPointsOffTheSpace) {
  const Problem problem = rotation();
  State x1 = points(problem, 4);
  x1[0][2] *= 1.1;
  try {
    density(problem, x1, "rk4");
    ADD_FAILURE() << "accepted";
  } catch (const ContractError& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("points of S^2 expected, got 1 off it, the first in row 2"));
  }
  EXPECT_THROW(density(problem, {x1[0].slice(1, 0, 2)}, "rk4"), ContractError);
  EXPECT_THROW(density(problem, points(problem, 4), "rk4", {"exactly", 1, "rademacher"}), ContractError);
}

class NotAFlow final : public Generator {
 public:
  explicit NotAFlow(bool jumps) : jumps_(jumps) {}
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    if (jumps_) return {{x[0], {}, at::ones({x[0].size(0), 2}, x[0].options()), {}}};
    return {{x[0], at::ones_like(t), {}, {}}};
  }

 private:
  bool jumps_;
};

TEST(LogDensity, NamesWhatHasNoLikelihood) {
  const Factors factors{make_factor("euclidean", 2)};
  Rng rng(1, "x");
  const State x1{factors[0].space->sample(3, rng, at::dtype(at::kDouble))};
  for (const bool jumps : {true, false}) {
    try {
      log_density(NotAFlow(jumps), factors, x1, *build_stepper("euler"), {}, rng);
      ADD_FAILURE() << "accepted";
    } catch (const NumericalError& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr(jumps ? "jump rates" : "a variance"));
    }
  }
}

}  // namespace
}  // namespace genmatch
