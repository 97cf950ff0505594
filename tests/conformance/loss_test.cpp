// The laws of core/learn/loss.h.
#include "core/learn/loss.h"

#include <gtest/gtest.h>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/path.h"
#include "core/process/source.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/gaussian_factors.h"

namespace genmatch {
namespace {

class LossLaws : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    try {
      if (on(gaussian_factor(gaussian_schedules[0], "velocity")) == nullptr)
        GTEST_SKIP() << "looks at no points of the path: tests/learn/maximum_likelihood_test.cpp";
    } catch (const ConfigError&) {
      GTEST_SKIP() << "is for other factors: tests/discrete/losses_test.cpp";
    }
  }
  std::shared_ptr<MatchingLoss> on(const Factor& factor) const {
    return std::dynamic_pointer_cast<MatchingLoss>(read_component<LossChoice>(GetParam()).make({factor}));
  }
};

TEST_P(LossLaws, Law1_NotNegativeAndFiniteAtBothEnds) {
  for (const Named& named : gaussian_schedules)
    for (const std::string& predict : prediction_names())
      for (const auto dtype : {at::kFloat, at::kDouble}) {
        const Factor factor = gaussian_factor(named, predict);
        Rng rng(3, "loss_test");
        const Tensor t = at::tensor({0.0, 1e-7, 0.3, 1 - 1e-7, 1.0}, dtype);
        const Tensor x0 = factor.source->sample(5, rng, dtype), x1 = rng.normal({5, 2}, dtype);
        const Tensor xt = factor.path->sample(x0, x1, t, rng);
        const Tensor output = rng.normal({5, 2}, dtype).requires_grad_(true);
        const Tensor loss = on(factor)->at({factor, *factor.generators[0].generator, xt, t, x0, x1, output});
        loss.sum().backward();
        EXPECT_EQ(loss.sizes(), t.sizes());
        EXPECT_TRUE(loss.isfinite().all().item<bool>()) << named.schedule << ", " << predict << "\n" << loss;
        EXPECT_TRUE((loss >= 0).all().item<bool>()) << named.schedule << ", " << predict;
        EXPECT_TRUE(output.grad().isfinite().all().item<bool>()) << named.schedule << ", " << predict;
      }
}

// One point x_t that several pairs (x0, x1) reach: the mean loss has no slope at the mean of their conditional values,
// and is larger beside it.
TEST_P(LossLaws, Law2_LeastAtThePosteriorMean) {
  constexpr int64_t pairs = 4;
  for (const Named& named : gaussian_schedules)
    for (const std::string& predict : prediction_names()) {
      const Factor factor = gaussian_factor(named, predict);
      const ConditionalGenerator& generator = *factor.generators[0].generator;
      Rng rng(4, "loss_test");
      const Tensor t = at::full({pairs}, 0.4, at::kDouble), xt = rng.normal({1, 2}, at::kDouble).expand({pairs, 2});
      const Tensor x1 = rng.normal({pairs, 2}, at::kDouble);
      const GaussianSchedule& schedule = *factor.path->gaussian();
      const GaussianCoefficients c = schedule.at(t);
      const Tensor eps = (xt - c.alpha.unsqueeze(1) * x1) / c.sigma.unsqueeze(1);
      const Tensor x0 = eps * schedule.at(at::zeros({1}, at::kDouble)).sigma;
      const Tensor mean = conditional(prediction_named(predict), c, x1, eps).mean(0, true);
      const auto loss = [&](const Tensor& output) {
        return on(factor)->at({factor, generator, xt, t, x0, x1, output.expand({pairs, 2})}).mean();
      };
      const Tensor best = mean.detach().clone().requires_grad_(true);
      loss(best).backward();
      const double beside = loss(mean + 1e-2).item<double>() - loss(mean).item<double>();
      EXPECT_GT(beside, 0) << named.schedule << ", " << predict;
      EXPECT_LT(best.grad().abs().max().item<double>(), 1e-6 * beside / 1e-4) << named.schedule << ", " << predict;
    }
}

INSTANTIATE_TEST_SUITE_P(Losses, LossLaws, ::testing::ValuesIn(cases("loss")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
