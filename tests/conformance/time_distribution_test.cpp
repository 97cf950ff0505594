// The laws of core/learn/time_distribution.h.
#include "core/learn/time_distribution.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/config/choice.h"
#include "core/ops.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/gaussian_factors.h"

namespace genmatch {
namespace {

class TimeDistributionLaws : public ::testing::TestWithParam<Case> {
 protected:
  std::shared_ptr<TimeDistribution> on(const Named& named) const {
    return read_component<TimeDistributionChoice>(GetParam()).make({gaussian_factor(named, "velocity")});
  }
};

TEST_P(TimeDistributionLaws, Law1_QuantilesRiseWithinTheInterval) {
  for (const Named& named : gaussian_schedules) {
    const Tensor q = on(named)->quantile(at::linspace(0, 1, 501, at::kDouble));
    EXPECT_TRUE(((q >= 0) & (q <= 1)).all().item<bool>()) << named.schedule;
    EXPECT_TRUE((q.diff() > 0).all().item<bool>()) << named.schedule;
  }
}

TEST_P(TimeDistributionLaws, Law2_BelowOneEvenInFloat) {
  for (const Named& named : gaussian_schedules) {
    Rng rng(1, "time");
    const Tensor t = on(named)->draw(20000, rng, at::kFloat);
    EXPECT_EQ(t.scalar_type(), at::kFloat);
    EXPECT_GE(t.min().item<double>(), 0) << named.schedule;
    EXPECT_LT(t.max().item<double>(), 1) << named.schedule;
  }
}

// Kolmogorov-Smirnov: the empirical distribution is within 2.5 / sqrt(n) but for a chance of 1e-5.
TEST_P(TimeDistributionLaws, Law2_DrawsFollowTheQuantiles) {
  constexpr int64_t n = 20000;
  for (const Named& named : gaussian_schedules) {
    const auto times = on(named);
    Rng rng(1, "time");
    const Tensor t = std::get<0>(times->draw(n, rng, at::kDouble).sort());
    const Tensor q = times->quantile(at::linspace(0.005, 0.995, 100, at::kDouble));
    const Tensor below = at::searchsorted(t, q).to(at::kDouble) / static_cast<double>(n);
    const double largest = (below - at::linspace(0.005, 0.995, 100, at::kDouble)).abs().max().item<double>();
    EXPECT_LT(largest, 2.5 / std::sqrt(static_cast<double>(n))) << named.schedule;
  }
}

TEST_P(TimeDistributionLaws, EmptyBatch) {
  Rng rng(1, "time");
  EXPECT_EQ(on(gaussian_schedules.front())->draw(0, rng, at::kFloat).numel(), 0);
}

INSTANTIATE_TEST_SUITE_P(TimeDistributions, TimeDistributionLaws, ::testing::ValuesIn(cases("time_distribution")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
