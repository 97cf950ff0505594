#include "core/process/diffused.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/kolmogorov.h"
#include "tests/gaussian/mixture_problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

DiffusionCoefficientPtr coefficient(const std::string& yaml) { return chosen<DiffusionCoefficientChoice>(yaml).make(); }

std::vector<SchedulePtr> schedules() {
  return {std::make_shared<Straight>(), std::make_shared<Circle>(), std::make_shared<VariancePreserving>()};
}

class Marginals : public testing::TestWithParam<Case> {
 protected:
  const DiffusionCoefficientPtr g_ = read_component<DiffusionCoefficientChoice>(GetParam()).make();

  // Scores of d/dt E f - E L f at t, for the generator with its coefficients changed by `change`.
  template <class Process>
  Tensor scores(const MixtureProblem& problem, double t, double drift, double variance, bool still) {
    const auto process = std::make_shared<Process>(problem.oracle, problem.factors, g_);
    Rng rng(1, "functions");
    const TestFunctions f(spaces(problem.factors), 32, rng);
    const auto sample = [&](double time) {
      Rng common(2, "points");
      return State{problem.oracle->sample(20000, still ? t : time, common, at::kDouble)};
    };
    const auto generator = [&](const State& x, const Tensor& time) {
      Coefficients c = process->at(x, time)[0];
      return std::vector<Coefficients>{{drift * c.drift, variance * c.variance, {}, {}}};
    };
    return kolmogorov_scores(sample, generator, f, spaces(problem.factors), t);
  }
};

TEST_P(Marginals, TheDiffusionCarriesThem) {
  for (const SchedulePtr& schedule : schedules()) {
    const MixtureProblem problem(schedule);
    for (const double t : {0.2, 0.5, 0.9}) EXPECT_FALSE(rejected(scores<Diffused>(problem, t, 1, 1, false))) << t;
    EXPECT_TRUE(rejected(scores<Diffused>(problem, 0.5, 1, 0.5, false))) << "no power";
  }
}

TEST_P(Marginals, LangevinDynamicsKeepThem) {
  for (const SchedulePtr& schedule : schedules()) {
    const MixtureProblem problem(schedule);
    for (const double t : {0.2, 0.5, 0.9}) EXPECT_FALSE(rejected(scores<Langevin>(problem, t, 1, 1, true))) << t;
    EXPECT_TRUE(rejected(scores<Langevin>(problem, 0.5, 0.5, 1, true))) << "no power";
  }
}

// In float32, with data that are points.
TEST_P(Marginals, BothEndsAreFinite) {
  const GaussianMixture points{at::ones({1}), at::ones({1, 2}), at::zeros({1, 2, 2})};
  for (const SchedulePtr& schedule : schedules()) {
    const MixtureProblem problem(schedule);
    const auto oracle = std::make_shared<MixtureOracle>(points, schedule);
    const Diffused process(oracle, problem.factors, g_);
    for (const double t : {0., 1.}) {
      const Tensor x = problem.start(10)[0].to(at::kFloat);
      const Coefficients c = process.at({x}, at::full({10}, t, at::kFloat))[0];
      EXPECT_TRUE(finite(c.drift)) << t;
      EXPECT_TRUE(finite(c.variance)) << t;
      EXPECT_TRUE(c.variance.ge(0).all().item<bool>()) << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Marginals, testing::ValuesIn(cases("diffusion_coefficient")),
                         [](const auto& info) { return info.param.label; });

// dX = -beta/2 X ds + sqrt(beta) dW has g^2 = beta, here 0.1 + 9.9 (1 - t).
TEST(DiffusionCoefficient, ReverseIsThatOfTheVariancePreservingProcess) {
  const VariancePreserving schedule;
  const Tensor t = at::tensor({0., 0.25, 0.5, 0.9}, at::kDouble);
  const Tensor beta = at::tensor({10., 7.525, 5.05, 1.09}, at::kDouble);
  EXPECT_TRUE(near(coefficient("reverse")->squared(t, schedule.at(t)), beta, 1e-10));
  EXPECT_TRUE(near(coefficient("{type: reverse, scale: 0.5}")->squared(t, schedule.at(t)), beta / 4, 1e-10));
}

TEST(DiffusionCoefficient, TablesAreLinearInBetween) {
  const auto table = coefficient("{type: tabulated, times: [0, 0.5, 1], values: [1, 3, 0]}");
  const Tensor t = at::tensor({0., 0.25, 0.5, 0.75, 1.}, at::kDouble);
  EXPECT_TRUE(near(table->squared(t, Straight().at(t)), at::tensor({1., 4., 9., 2.25, 0.}, at::kDouble), 1e-12));
}

TEST(DiffusionCoefficient, MistakesPointToTheOption) {
  const auto message = [](const std::string& yaml) -> std::string {
    try {
      coefficient(yaml);
    } catch (const ConfigError& e) {
      return e.what();
    }
    return "accepted";
  };
  using testing::HasSubstr;
  EXPECT_THAT(message("{type: tabulated, times: [0, 0.5], values: [1, 1]}"), HasSubstr("test:1:30: tabulated.times"));
  EXPECT_THAT(message("{type: tabulated, times: [0, 1], values: [1]}"), HasSubstr("one for each of `times`"));
  EXPECT_THAT(message("{type: tabulated, times: [0, 1], values: [1, -1]}"), HasSubstr("at least 0"));
  EXPECT_THAT(message("{type: constant, value: -1}"), HasSubstr("value"));
  EXPECT_THAT(message("revers"), HasSubstr("did you mean \"reverse\"?"));
}

TEST(Diffused, NeedsGaussianPathsAndAFlow) {
  MixtureProblem problem(std::make_shared<Straight>());
  const auto g = sigma_coefficient(1);
  const auto twice = std::make_shared<Diffused>(problem.oracle, problem.factors, g);
  const State x = problem.start(3);
  EXPECT_THROW(Diffused(twice, problem.factors, g).at(x, at::zeros({3}, at::kDouble)), ContractError);
  EXPECT_THROW(Diffused(problem.oracle, problem.factors, nullptr), ContractError);
  problem.factors[0].path = nullptr;
  EXPECT_THROW(Diffused(problem.oracle, problem.factors, g), OptionError);
}

}  // namespace
}  // namespace genmatch
