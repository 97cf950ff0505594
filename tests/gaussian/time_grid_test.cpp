#include "core/solve/time_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/errors.h"
#include "tests/conformance/cases.h"
#include "tests/gaussian/mixture_problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using testing::ElementsAre;

std::vector<double> grid(const std::string& yaml, int64_t steps, const SchedulePtr& schedule) {
  return chosen<TimeGridChoice>(yaml).make()->times(steps, MixtureProblem(schedule).factors);
}

class TimeGridLaw : public testing::TestWithParam<Case> {};

TEST_P(TimeGridLaw, TimesRiseStrictlyFromZeroToOne) {
  const auto grid = read_component<TimeGridChoice>(GetParam()).make();
  for (const SchedulePtr& schedule :
       {SchedulePtr(std::make_shared<Straight>()), SchedulePtr(std::make_shared<Circle>()),
        SchedulePtr(std::make_shared<VariancePreserving>())}) {
    for (const int64_t steps : {1, 2, 7, 100}) {
      const std::vector<double> times = grid->times(steps, MixtureProblem(schedule).factors);
      if (GetParam().name != "list") {
        ASSERT_EQ(times.size(), static_cast<std::size_t>(steps) + 1);
      }
      EXPECT_EQ(times.front(), 0);
      EXPECT_EQ(times.back(), 1);
      EXPECT_EQ(std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()), times.end());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TimeGridLaw, testing::ValuesIn(cases("time_grid")),
                         [](const auto& info) { return info.param.label; });

// sigma / alpha = (1 - t) / t along straight lines.
TEST(TimeGrid, KnownAnswers) {
  const SchedulePtr straight = std::make_shared<Straight>();
  EXPECT_THAT(grid("quadratic", 4, straight), ElementsAre(0, 0.4375, 0.75, 0.9375, 1));
  EXPECT_THAT(grid("{type: list, times: [0, 0.2, 1]}", 50, straight), ElementsAre(0, 0.2, 1));
  const auto near_to = [](double t) { return testing::DoubleNear(t, 1e-9); };
  EXPECT_THAT(grid("{type: log_snr, smallest: 0.01, largest: 100}", 4, straight),
              ElementsAre(0, near_to(1 / (1 + 100 / std::pow(10, 4. / 3))), near_to(1 / (1 + std::pow(10, -2. / 3))),
                          near_to(1 / 1.01), 1));
  // Karras et al. with rho = 1: 80, 40.001, 0.002.
  EXPECT_THAT(grid("{type: edm, rho: 1}", 3, straight), ElementsAre(0, near_to(1 / 41.001), near_to(1 / 1.002), 1));
}

TEST(TimeGrid, FixedSteppersUseIt) {
  const MixtureProblem problem(std::make_shared<Straight>());
  const auto list = chosen<TimeGridChoice>("{type: list, times: [0, 0.1, 0.5, 1]}").make();
  const auto stepper = on_grid(chosen<StepperChoice>("euler").make(), *list, problem.factors);
  EXPECT_THAT(stepper->times(0, 1), ElementsAre(0, 0.1, 0.5, 1));
  EXPECT_THAT(stepper->times(1, 0), ElementsAre(1, 0.5, 0.1, 0));
  EXPECT_THAT(stepper->times(0.3, 0.7), ElementsAre(0.3, 0.5, 0.7));
  Rng rng(1, "none");
  const State x0 = problem.start(5);
  std::vector<double> seen;
  Tensor x = x0[0];
  const auto end = simulate(*problem.oracle, spaces(problem.factors), x0, 0, 1, *stepper, rng,
                            [&](double, double t, const State&) { seen.push_back(t); });
  EXPECT_THAT(seen, ElementsAre(0.1, 0.5, 1));
  for (const auto& [t, h] : {std::pair{0., 0.1}, {0.1, 0.4}, {0.5, 0.5}})
    x = x + h * problem.oracle->velocity(x, at::full({5}, t, at::kDouble));
  EXPECT_TRUE(near(end.x[0], x, 1e-12));
}

TEST(TimeGrid, MistakesAreRefused) {
  MixtureProblem problem(std::make_shared<Straight>());
  const auto edm = chosen<TimeGridChoice>("edm").make();
  EXPECT_THROW(on_grid(chosen<StepperChoice>("dopri5").make(), *edm, problem.factors), OptionError);
  EXPECT_NO_THROW(on_grid(chosen<StepperChoice>("rk4").make(), *edm, problem.factors));
  problem.factors[0].path = nullptr;
  EXPECT_THROW(edm->times(10, problem.factors), OptionError);
  for (const char* wrong : {"{type: list, times: [0, 0.5]}", "{type: list, times: [0, 0.5, 0.5, 1]}",
                            "{type: list, times: [0.1, 1]}", "{type: edm, smallest: 90}"})
    EXPECT_THROW(chosen<TimeGridChoice>(wrong).make(), ConfigError) << wrong;
}

}  // namespace
}  // namespace genmatch
