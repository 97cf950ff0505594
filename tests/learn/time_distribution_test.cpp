// Known answers; the laws are in tests/conformance/time_distribution_test.cpp.
#include "core/learn/time_distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"
#include "core/process/path.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

Factors line() { return {learn_test::factor("{type: euclidean, dim: 1}", "normal", "linear")}; }

Tensor draws(const std::string& yaml, const Factors& factors, int64_t n = 20000) {
  Rng rng(1, "time");
  return learn_test::choose<TimeDistributionChoice>(yaml).make(factors)->draw(n, rng, at::kDouble);
}

std::string refusal(const std::string& yaml, const Factors& factors) {
  try {
    learn_test::choose<TimeDistributionChoice>(yaml).make(factors);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "accepted";
}

// Stratified: the error of a mean of n is of the order 1/n, and far below 1e-3 for 20000.
TEST(TimeDistribution, LogitNormalHasItsMeanAndDeviation) {
  const Tensor logit = draws("{type: logit_normal, mean: 0.7, scale: 1.3}", line()).logit();
  EXPECT_NEAR(logit.mean().item<double>(), 0.7, 1e-3);
  EXPECT_NEAR(logit.std().item<double>(), 1.3, 3e-3);
}

TEST(TimeDistribution, LogSnrUniformIsUniformInIt) {
  const Tensor t = draws("{type: log_snr_uniform, from: -4, to: 6}", line());
  const Tensor snr = 2 * (t / (1 - t)).log();
  EXPECT_NEAR(snr.min().item<double>(), -4, 1e-3);
  EXPECT_NEAR(snr.max().item<double>(), 6, 1e-3);
  EXPECT_NEAR(snr.mean().item<double>(), 1, 1e-3);
  EXPECT_NEAR(snr.std().item<double>(), 10 / std::sqrt(12.0), 1e-3);
}

TEST(TimeDistribution, LogSnrUniformStaysOnThePath) {
  const Factors diffusion{learn_test::factor("{type: euclidean, dim: 1}", "{type: normal, scale: 5}",
                                             "{type: gaussian, schedule: {type: ve, sigma_min: 0.1, sigma_max: 5}}")};
  const Tensor t = draws("log_snr_uniform", diffusion);  // ln sigma is linear in t
  EXPECT_NEAR(t.mean().item<double>(), 0.5, 1e-3);
  EXPECT_NEAR(t.std().item<double>(), 1 / std::sqrt(12.0), 1e-3);
}

TEST(TimeDistribution, TabulatedHasItsShares) {
  const Tensor t = draws("{type: tabulated, weights: [1, 0, 2, 5]}", line(), 800);
  const Tensor interval = (4 * t).floor();
  for (const auto& [i, count] : {std::pair{0, 100}, {1, 0}, {2, 200}, {3, 500}})
    EXPECT_EQ((interval == i).sum().item<int64_t>(), count) << "interval " << i;
}

TEST(TimeDistribution, SaysWhatIsWrong) {
  const Factors sphere{learn_test::factor("{type: sphere, dim: 2}", "uniform", "geodesic")};
  EXPECT_THAT(refusal("log_snr_uniform", sphere), HasSubstr("needs Gaussian paths"));
  EXPECT_THAT(refusal("{type: log_snr_uniform, from: 3, to: 2}", line()), HasSubstr("to: must be above 3"));
  EXPECT_THAT(refusal("{type: tabulated, weights: [1, -1]}", line()), HasSubstr("weights: "));
  EXPECT_THAT(refusal("{type: tabulated, weights: [0, 0]}", line()), HasSubstr("weights: "));
  EXPECT_EQ(refusal("log_snr_uniform", line()), "accepted");
}

}  // namespace
}  // namespace genmatch
