// The laws of core/process/schedule.h.
#include "core/process/schedule.h"

#include <gtest/gtest.h>

#include "core/config/choice.h"
#include "core/ops.h"
#include "tests/conformance/cases.h"

namespace genmatch {
namespace {

class ScheduleLaws : public ::testing::TestWithParam<Case> {
 protected:
  const std::shared_ptr<Schedule> schedule = read_component<ScheduleChoice>(GetParam()).make();
};

TEST_P(ScheduleLaws, Law1_EndPoints) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const Tensor ends = at::tensor({0.0, 1.0}, dtype);
    EXPECT_TRUE(schedule->value(ends).equal(ends)) << schedule->value(ends);
    EXPECT_TRUE(schedule->derivative(ends).isfinite().all().item<bool>());
    EXPECT_EQ(schedule->derivative(ends).scalar_type(), dtype);
  }
}

TEST_P(ScheduleLaws, Law2_Monotone) {
  const Tensor t = at::linspace(0, 1, 1001, at::kDouble);
  EXPECT_TRUE((schedule->value(t).diff() >= 0).all().item<bool>());
  EXPECT_TRUE((schedule->derivative(t) >= -1e-15).all().item<bool>());  // the rounding of sin(pi)
}

TEST_P(ScheduleLaws, Law3_DerivativeIsTheDerivativeOfValue) {
  const double h = 1e-5;  // errors: h^2 f'''/6 < 1e-8, rounding 1e-11
  const Tensor t = at::linspace(0.01, 0.99, 99, at::kDouble);
  const Tensor differences = (schedule->value(t + h) - schedule->value(t - h)) / (2 * h);
  EXPECT_TRUE(at::allclose(schedule->derivative(t), differences, 1e-7, 1e-7));
}

TEST_P(ScheduleLaws, AnyShape) {
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{3, 1}}) {
    const Tensor t = at::full(shape, 0.5, at::kDouble);
    EXPECT_EQ(schedule->value(t).sizes(), t.sizes());
    EXPECT_EQ(schedule->derivative(t).sizes(), t.sizes());
  }
}

INSTANTIATE_TEST_SUITE_P(Schedules, ScheduleLaws, ::testing::ValuesIn(cases("schedule")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
