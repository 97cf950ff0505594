// Gaussian paths beyond the laws of tests/conformance: refusals, and agreement with the linear path.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/gaussian/prediction.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/path.h"
#include "core/process/source.h"
#include "tests/conformance/gaussian_factors.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& yaml) {
  try {
    make_factor(yaml);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "accepted";
}

TEST(GaussianPath, SaysWhichSourceToWrite) {
  const std::string plane = "{space: {type: euclidean, dim: 2}, ";
  EXPECT_THAT(refusal(plane + "source: normal, path: {type: gaussian, schedule: ve}}"),
              HasSubstr("write `source: {type: normal, scale: 50}`"));
  EXPECT_THAT(refusal(plane + "source: {type: normal, scale: 1.01}, path: gaussian}"), HasSubstr("scale: 1}`"));
  EXPECT_THAT(refusal(plane + "source: {type: normal, mean: [0.1, 0]}, path: gaussian}"), HasSubstr("about zero"));
  EXPECT_EQ(refusal(plane + "source: {type: normal, scale: 1.0001}, path: gaussian}"), "accepted");
  EXPECT_EQ(refusal(plane + "source: normal, path: {type: gaussian, schedule: vp}}"), "accepted")
      << "sigma(0) = 0.99998";
  EXPECT_THAT(refusal("{space: {type: sphere, dim: 2}, source: uniform, path: gaussian}"), HasSubstr("use geodesic"));
}

TEST(GaussianPath, SchedulesSayWhatIsWrong) {
  const auto with = [](const std::string& schedule) {
    return refusal("{space: euclidean, source: normal, path: {type: gaussian, schedule: " + schedule + "}}");
  };
  EXPECT_THAT(with("{type: ve, sigma_min: 2, sigma_max: 1}"), HasSubstr("sigma_max: must be above sigma_min"));
  EXPECT_THAT(with("{type: vp, beta_min: 2, beta_max: 1}"), HasSubstr("beta_max: must be at least beta_min"));
  EXPECT_THAT(with("{type: tabulated, times: [0, 0.5], alpha: [0, 1], sigma: [1, 0]}"), HasSubstr("times: "));
  EXPECT_THAT(with("{type: tabulated, alpha: [0, 0.5, 1]}"), HasSubstr("alpha: one value for each"));
  EXPECT_THAT(with("{type: tabulated, times: [0, 0.5, 1], alpha: [0, 0.5, 1], sigma: [1, 1.5, 0]}"),
              HasSubstr("sigma: must not rise"));
  EXPECT_THAT(with("{type: tabulated, times: [0, 0.5, 1], alpha: [0, 0.5, 0.4], sigma: [1, 0.5, 0]}"),
              HasSubstr("alpha: "));
}

TEST(Flow, PredictsOnlyTheVelocityOffGaussianPaths) {
  const std::string predict = ", generator: {type: flow, predict: noise}}";
  EXPECT_THAT(refusal("{space: {type: sphere, dim: 2}, source: uniform, path: geodesic" + predict),
              HasSubstr("predict: noise needs a Gaussian path"));
  EXPECT_THAT(refusal("{space: euclidean, source: {type: normal, scale: 2}, path: linear" + predict),
              HasSubstr("predict: noise needs a Gaussian path"));
  EXPECT_EQ(refusal("{space: euclidean, source: normal, path: linear" + predict), "accepted");
}

// The linear path from standard normal noise is one with alpha = kappa: sampled, carried and weighed alike.
TEST(LinearPath, FromNormalNoiseIsTheGaussianPath) {
  const Factor linear = make_factor(
      "{space: {type: euclidean, dim: 2}, source: normal, "
      "path: {type: linear, sigma_min: 0.1, schedule: polynomial}, generator: {type: flow, predict: noise}}");
  ASSERT_NE(linear.path->gaussian(), nullptr);
  Rng rng(5, "linear");
  const Tensor x0 = rng.normal({50, 2}, at::kDouble), x1 = rng.normal({50, 2}, at::kDouble);
  const Tensor t = rng.uniform({50}, at::kDouble), xt = linear.path->sample(x0, x1, t, rng);
  const GaussianCoefficients c = linear.path->gaussian()->at(t);
  EXPECT_TRUE(at::allclose(xt, c.alpha.unsqueeze(1) * x1 + c.sigma.unsqueeze(1) * x0));
  EXPECT_TRUE(at::allclose(linear.path->velocity(xt, t, {}, x1), conditional(Prediction::velocity, c, x1, x0)));
  EXPECT_EQ(linear.generators[0].generator->prediction(), Prediction::noise);

  const Factor same =
      make_factor("{space: {type: euclidean, dim: 2}, source: normal, path: {type: linear, sigma_min: 0.1}}");
  const Factor gaussian = gaussian_factor({"{type: cond_ot, sigma_min: 0.1}", "normal"}, "velocity");
  EXPECT_TRUE(at::allclose(same.path->velocity(xt, t, {}, x1), gaussian.path->velocity(xt, t, {}, x1)));
  EXPECT_TRUE(at::allclose(same.path->log_density(xt, t, x1), gaussian.path->log_density(xt, t, x1)));
  EXPECT_DOUBLE_EQ(same.path->end_noise(), gaussian.path->end_noise());
}

TEST(LinearPath, FromOtherNoiseIsNone) {
  const Factor wide = make_factor("{space: euclidean, source: {type: normal, scale: 2}, path: linear}");
  EXPECT_EQ(wide.path->gaussian(), nullptr);
  EXPECT_FALSE(wide.generators[0].generator->prediction().has_value());
}

}  // namespace
}  // namespace genmatch
