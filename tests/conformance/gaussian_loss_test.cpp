// Which losses are the same: identities between what networks may predict, in value and in gradient.
#include <gtest/gtest.h>

#include <functional>

#include "core/config/choice.h"
#include "core/learn/loss.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/path.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/gaussian_factors.h"

namespace genmatch {
namespace {

constexpr int64_t kRows = 64, kDim = 2;

std::shared_ptr<MatchingLoss> loss_named(const std::string& name, const std::string& options, const Factor& factor) {
  Problems problems;
  const Node node = parse_yaml(options, "test", problems);
  problems.throw_if_any();
  return std::dynamic_pointer_cast<MatchingLoss>(read_component<LossChoice>({"loss", name, name, node}).make({factor}));
}

// A batch on the path of a schedule, and the same imperfect knowledge of it as each kind of prediction.
struct Batch {
  explicit Batch(const Named& schedule) : named(schedule) {
    Rng rng(31, "gaussian_loss_test");
    t = at::linspace(0.05, 0.95, kRows, at::kDouble);
    x1 = rng.normal({kRows, kDim}, at::kDouble);
    const Tensor eps = rng.normal({kRows, kDim}, at::kDouble);
    const Factor f = factor("velocity");
    const GaussianSchedule& s = *f.path->gaussian();
    c = s.at(t);
    x0 = eps * s.at(at::zeros({1}, at::kDouble)).sigma;
    xt = c.alpha.unsqueeze(1) * x1 + c.sigma.unsqueeze(1) * eps;
    guess = eps + 0.3 * rng.normal({kRows, kDim}, at::kDouble);
    guess.requires_grad_(true);
  }
  Factor factor(const std::string& predict) const { return gaussian_factor(named, predict, kDim); }

  // The loss of a network that says what follows from the guessed noise, with its gradient in the guess.
  std::pair<Tensor, Tensor> of(const std::string& predict, const std::string& loss, const std::string& options,
                               const Tensor& times_weight = {}) const {
    const Factor f = factor(predict);
    const Tensor output = convert(Prediction::noise, prediction_named(predict), c, xt, guess);
    Tensor value = loss_named(loss, options, f)->at({f, *f.generators[0].generator, xt, t, x0, x1, output});
    if (times_weight.defined()) value = value * times_weight;
    guess.mutable_grad() = Tensor();
    value.sum().backward();
    return {value.detach(), guess.grad().clone()};
  }

  Named named;
  Tensor t, x0, x1, xt, guess;
  GaussianCoefficients c;
};

void expect_equal(const std::pair<Tensor, Tensor>& a, const std::pair<Tensor, Tensor>& b, const std::string& what) {
  EXPECT_TRUE(at::allclose(a.first, b.first, 1e-9, 1e-12)) << what << ": values";
  EXPECT_TRUE(at::allclose(a.second, b.second, 1e-9, 1e-12)) << what << ": gradients";
  EXPECT_GT(a.second.abs().min().item<double>(), 0) << what;
}

TEST(GaussianLoss, BregmanIsTheSameWhateverIsPredicted) {
  for (const Named& named : gaussian_schedules) {
    const Batch batch(named);
    const auto flow_matching = batch.of("velocity", "bregman", "{}");
    for (const std::string& predict : prediction_names())
      expect_equal(batch.of(predict, "bregman", "{}"), flow_matching, named.schedule + ", " + predict);
    expect_equal(batch.of("velocity", "output", "{}"), flow_matching, named.schedule + ", output velocity");
  }
}

// Straight lines: |u - u'|^2 = |eps - eps'|^2 / t^2 = |x1 - x1'|^2 / (1 - t)^2.
TEST(GaussianLoss, OnStraightLinesFlowMatchingIsWeightedNoiseAndDataPrediction) {
  const Batch batch({"cond_ot", "normal"});
  const auto flow_matching = batch.of("velocity", "bregman", "{}");
  expect_equal(batch.of("noise", "output", "{}", batch.t.pow(-2)), flow_matching, "noise");
  expect_equal(batch.of("data", "output", "{}", (1 - batch.t).pow(-2)), flow_matching, "data");
}

TEST(GaussianLoss, DenoisingScoreMatchingIsNoisePrediction) {
  for (const Named& named : gaussian_schedules) {
    const Batch batch(named);
    const auto noise = batch.of("noise", "output", "{}");
    expect_equal(batch.of("score", "output", "{weighting: sigma_squared}"), noise, named.schedule + ", score");
    expect_equal(batch.of("data", "output", "{weighting: snr}"), noise, named.schedule + ", data");
  }
}

// Kingma et al. 2021, eq. 18: with the likelihood's weight the error in the data counts with the derivative of the
// signal-to-noise ratio, whatever is predicted.
TEST(GaussianLoss, LikelihoodWeightIsTheGrowthOfTheSignalToNoiseRatio) {
  for (const Named& named : gaussian_schedules) {
    const Batch batch(named);
    const Factor factor = batch.factor("data");
    const GaussianSchedule& s = *factor.path->gaussian();
    const double h = 1e-6;
    const Tensor growth = (s.log_snr(batch.t + h).exp() - s.log_snr(batch.t - h).exp()) / (2 * h);
    const auto expected = batch.of("data", "output", "{}", growth);
    for (const std::string& predict : prediction_names()) {
      const auto likelihood = batch.of(predict, "output", "{weighting: likelihood}");
      EXPECT_TRUE(at::allclose(likelihood.first, expected.first, 1e-5, 1e-9)) << named.schedule << ", " << predict;
      EXPECT_TRUE(at::allclose(likelihood.second, expected.second, 1e-5, 1e-9)) << named.schedule << ", " << predict;
    }
  }
}

// Hang et al. 2023, sec. 3.4, in their notation: min(SNR, gamma) for the data, min(SNR, gamma) / SNR for the noise,
// min(SNR, gamma) / (SNR + 1) for v where alpha^2 + sigma^2 = 1.
TEST(GaussianLoss, MinSnrIsThatOfThePaper) {
  const Batch batch({"trigonometric", "normal"});
  const Tensor snr = (M_PI / 2 * batch.t).tan().square(), capped = snr.clamp_max(5);
  const std::string min_snr = "{weighting: min_snr}";
  expect_equal(batch.of("data", "output", min_snr), batch.of("data", "output", "{}", capped), "data");
  expect_equal(batch.of("noise", "output", min_snr), batch.of("noise", "output", "{}", capped / snr), "noise");
  expect_equal(batch.of("v", "output", min_snr), batch.of("v", "output", "{}", capped / (snr + 1)), "v");
}

TEST(GaussianLoss, OutputNeedsAGaussianPath) {
  const Factor sphere = make_factor("{space: {type: sphere, dim: 2}, source: uniform, path: geodesic}");
  try {
    loss_named("output", "{}", sphere);
    ADD_FAILURE() << "accepted";
  } catch (const ConfigError& e) {
    EXPECT_NE(std::string(e.what()).find("use `path: gaussian`, or `loss: bregman`"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace genmatch
