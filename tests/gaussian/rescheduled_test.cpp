#include "core/process/rescheduled.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/solve/simulate.h"
#include "tests/gaussian/mixture_problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

const SchedulePtr kStraight = std::make_shared<Straight>(), kCircle = std::make_shared<Circle>(),
                  kVp = std::make_shared<VariancePreserving>();

Tensor times(const Tensor& x, double t) { return at::full({x.size(0)}, t, x.options()); }

// The exact flow along the other schedule is known on its own.
TEST(Rescheduled, IsTheFlowAlongTheOtherSchedule) {
  for (const auto& [trained, wanted] : {std::pair{kStraight, kCircle}, {kCircle, kStraight}, {kVp, kStraight}}) {
    const MixtureProblem old(trained), other(wanted);
    const Rescheduled flow(old.oracle, old.factors, wanted);
    const Tensor x = old.start(50)[0];
    for (const double r : {0.2, 0.5, 0.95})
      EXPECT_TRUE(near(flow.at({x}, times(x, r))[0].drift, other.oracle->velocity(x, times(x, r)), 1e-7)) << r;
  }
}

TEST(Rescheduled, EndPointsStay) {
  const MixtureProblem problem(kStraight);
  const auto stepper = chosen<StepperChoice>("{type: dopri5, tolerance: 1e-9}").make();
  const auto end = [&](const Generator& flow) {
    Rng rng(1, "none");
    return simulate(flow, spaces(problem.factors), problem.start(40), 0, 1, *stepper, rng).x[0];
  };
  EXPECT_TRUE(near(end(Rescheduled(problem.oracle, problem.factors, kCircle)), end(*problem.oracle), 1e-5));
}

// DDIM as in Song et al. 2021, eq. 12 with sigma = 0, and its eps from the exact score.
TEST(Rescheduled, EulerAlongStraightLinesIsDdim) {
  const MixtureProblem problem(kVp);
  const Rescheduled flow(problem.oracle, problem.factors, kStraight);
  const std::vector<double> r{0.1, 0.2, 0.4, 0.6, 0.7, 0.95};
  const auto at_time = [](double value) { return at::full({1}, value, at::kDouble); };
  const Tensor start = problem.start(30)[0];
  Tensor ddim = start, x = start * flow.scale(at_time(r[0]));
  for (std::size_t i = 1; i < r.size(); ++i) {
    x = x + (r[i] - r[i - 1]) * flow.at({x}, times(x, r[i - 1]))[0].drift;
    const Tensor t = flow.time(at_time(r[i - 1])), next = flow.time(at_time(r[i]));
    const Tensor bar = kVp->at(t).alpha.square(), bar_next = kVp->at(next).alpha.square();
    const Tensor eps = -(1 - bar).sqrt() * problem.oracle->score(ddim, t.expand({30}));
    ddim = bar_next.sqrt() * (ddim - (1 - bar).sqrt() * eps) / bar.sqrt() + (1 - bar_next).sqrt() * eps;
  }
  EXPECT_TRUE(near(x / flow.scale(at_time(r.back())), ddim, 1e-8));
}

TEST(Rescheduled, BothEndsAreFiniteInFloat32) {
  const MixtureProblem problem(kVp);
  for (const auto& [trained, wanted] : {std::pair{kStraight, kCircle}, {kVp, kStraight}, {kStraight, kVp}}) {
    const MixtureProblem old(trained);
    const Rescheduled flow(old.oracle, old.factors, wanted);
    const Tensor x = problem.start(20)[0].to(at::kFloat);
    for (const double r : {0., 1.}) EXPECT_TRUE(finite(flow.at({x}, times(x, r))[0].drift)) << r;
  }
}

TEST(Rescheduled, NeedsAFlowAndASchedule) {
  const MixtureProblem problem(kVp);
  EXPECT_THROW(Rescheduled(nullptr, problem.factors, kVp), ContractError);
  EXPECT_THROW(Rescheduled(problem.oracle, problem.factors, nullptr), ContractError);
}

}  // namespace
}  // namespace genmatch
