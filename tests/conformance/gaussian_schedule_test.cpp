// The laws of core/gaussian/gaussian_schedule.h.
#include "core/gaussian/gaussian_schedule.h"

#include <gtest/gtest.h>

#include "core/config/choice.h"
#include "core/ops.h"
#include "tests/conformance/cases.h"

namespace genmatch {
namespace {

class GaussianScheduleLaws : public ::testing::TestWithParam<Case> {
 protected:
  const std::shared_ptr<GaussianSchedule> schedule = read_component<GaussianScheduleChoice>(GetParam()).make();
};

std::vector<Tensor> all_of(const GaussianCoefficients& c) {
  return {c.alpha, c.sigma, c.alpha_derivative, c.sigma_derivative};
}

TEST_P(GaussianScheduleLaws, Law1_DerivativesAreThoseOfTheValues) {
  const double h = 1e-6;  // errors: rounding 1e-10 of the values, h^2/6 of the third derivative
  const Tensor t = at::linspace(0.013, 0.987, 99, at::kDouble);
  const GaussianCoefficients c = schedule->at(t), up = schedule->at(t + h), down = schedule->at(t - h);
  EXPECT_TRUE(at::allclose(c.alpha_derivative, (up.alpha - down.alpha) / (2 * h), 1e-6, 1e-8));
  EXPECT_TRUE(at::allclose(c.sigma_derivative, (up.sigma - down.sigma) / (2 * h), 1e-6, 1e-8));
}

TEST_P(GaussianScheduleLaws, Law1_MonotoneAndNotNegative) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const GaussianCoefficients c = schedule->at(at::linspace(0, 1, 1001, dtype));
    const double rounding = dtype == at::kFloat ? 1e-6 : 1e-15;
    EXPECT_TRUE((c.alpha >= 0).all().item<bool>() && (c.sigma >= 0).all().item<bool>());
    EXPECT_TRUE((c.alpha.diff() >= -rounding).all().item<bool>());
    EXPECT_TRUE((c.sigma.diff() <= rounding * c.sigma[0]).all().item<bool>());
  }
}

TEST_P(GaussianScheduleLaws, Law2_EndsAtTheData) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const GaussianCoefficients c = schedule->at(at::tensor({0.0, 1.0}, dtype));
    EXPECT_EQ(c.alpha[1].item<double>(), 1);
    EXPECT_LE(c.sigma[1].item<double>(), 0.1 * c.sigma[0].item<double>());
    EXPECT_GT(c.sigma[0].item<double>(), 0);
  }
}

TEST_P(GaussianScheduleLaws, Law3_LogSnrRisesAndTimeOfIsItsInverse) {
  const Tensor t = at::linspace(0.001, 0.999, 999, at::kDouble), snr = schedule->log_snr(t);
  EXPECT_TRUE((snr.diff() > 0).all().item<bool>());
  EXPECT_LT((schedule->time_of(snr) - t).abs().max().item<double>(), 1e-9);
  EXPECT_LT((schedule->time_of(snr.to(at::kFloat)) - t).abs().max().item<double>(), 1e-5);
}

TEST_P(GaussianScheduleLaws, Law3_BeyondItsRangeTheNearerEnd) {
  const Tensor ends = schedule->time_of(at::tensor({-1e3, 1e3}, at::kDouble));
  EXPECT_LT((ends - at::tensor({0.0, 1.0}, at::kDouble)).abs().max().item<double>(), 1e-12);
}

TEST_P(GaussianScheduleLaws, Law4_FiniteEverywhereInItsPrecision) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const Tensor t = at::tensor({0.0, 1e-7, 0.5, 1 - 1e-7, 1.0}, dtype);
    for (const Tensor& one : all_of(schedule->at(t))) {
      EXPECT_TRUE(one.isfinite().all().item<bool>()) << one;
      EXPECT_EQ(one.scalar_type(), dtype);
    }
    EXPECT_FALSE(schedule->log_snr(t).isnan().any().item<bool>());
  }
}

TEST_P(GaussianScheduleLaws, AnyShape) {
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{3, 1}}) {
    const Tensor t = at::full(shape, 0.5, at::kDouble);
    for (const Tensor& one : all_of(schedule->at(t))) EXPECT_EQ(one.sizes(), t.sizes());
    EXPECT_EQ(schedule->time_of(schedule->log_snr(t)).sizes(), t.sizes());
  }
}

INSTANTIATE_TEST_SUITE_P(GaussianSchedules, GaussianScheduleLaws, ::testing::ValuesIn(cases("gaussian_schedule")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
