// Networks that know the exact posterior mean of what they predict: the processes they stand for are the exact one.
#include <gtest/gtest.h>

#include <cmath>

#include "core/gaussian/prediction.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"
#include "core/process/exact_generator.h"
#include "core/process/path.h"
#include "core/solve/likelihood.h"
#include "core/solve/simulate.h"
#include "tests/conformance/gaussian_factors.h"
#include "tests/solve/build_stepper.h"

namespace genmatch {
namespace {

// E[x1 | x_t = x] over a finite data set by Bayes' rule; every prediction is affine in it.
struct Oracle final : Model {
  Factor factor;
  Prediction prediction;
  Tensor data;  // [N, d]
  Parameters none;
  Oracle(Factor f, const std::string& predict, Tensor d)
      : factor(std::move(f)), prediction(prediction_named(predict)), data(std::move(d)) {}
  std::vector<Tensor> forward(const State& x, const Tensor& t) const override {
    const GaussianCoefficients c = factor.path->gaussian()->at(t);
    const Tensor log_p = factor.path->log_density(x[0].unsqueeze(1), t.unsqueeze(1), data.unsqueeze(0));
    const Tensor mean = log_p.softmax(1).matmul(data);
    const Tensor eps = (x[0] - c.alpha.unsqueeze(1) * mean) / keep_from_zero(c.sigma).unsqueeze(1);
    return {conditional(prediction, c, mean, eps)};
  }
  Parameters& parameters() override { return none; }
};

struct Setting {
  Factors factors;
  std::shared_ptr<LearnedGenerator> learned;
};

Setting setting(const Named& named, const std::string& predict, const Tensor& data) {
  const Factor factor = gaussian_factor(named, predict);
  return {{factor},
          std::make_shared<LearnedGenerator>(Factors{factor}, std::make_shared<Oracle>(factor, predict, data))};
}

const std::vector<Named> schedules{
    {"{type: cond_ot, sigma_min: 0.2}", "normal"},
    {"{type: ve, sigma_min: 0.2, sigma_max: 10}", "{type: normal, scale: 10}"},
    {"{type: tabulated, times: [0, 0.4, 1], alpha: [0.05, 0.4, 1], sigma: [1, 0.8, 0.2]}", "normal"}};

// Where alpha is zero, at t = 0, neither the noise nor the score tells the velocity: until alpha is kept_from_zero's
// 1e-5 the process does not move towards the data, which costs as much.
double tolerance(const Named& named, const std::string& predict) {
  const bool blind = predict == "noise" || predict == "score";
  return blind && gaussian_factor(named, predict).path->start_data() == 0 ? 1e-4 : 1e-6;
}

Tensor some_data() {
  Rng rng(41, "data");
  return rng.normal({5, 2}, at::kDouble);
}

TEST(GaussianOracle, EveryPredictionGivesTheSameEndPointsAndLikelihood) {
  const Tensor data = some_data();
  const auto stepper = build_stepper("{type: dopri5, tolerance: 1e-9}");
  for (const Named& named : schedules) {
    const Factor factor = gaussian_factor(named, "velocity");
    const ExactGenerator exact({factor}, {data});
    Rng rng(42, "points");
    const State x0 = sample_source({factor}, 12, rng, at::kDouble);
    const Tensor end = simulate(exact, {factor.space}, x0, 0, 1, *stepper, rng).x[0];
    const State x1{exact.sample(8, 1, rng)};
    const Tensor density = log_density(exact, {factor}, x1, *stepper, {}, rng).log_density;
    for (const std::string& predict : prediction_names()) {
      const Setting s = setting(named, predict, data);
      const Tensor reached = simulate(*s.learned, {factor.space}, x0, 0, 1, *stepper, rng).x[0];
      EXPECT_LT((reached - end).abs().max().item<double>(), tolerance(named, predict))
          << named.schedule << ", " << predict;
      const Tensor found = log_density(*s.learned, s.factors, x1, *stepper, {}, rng).log_density;
      EXPECT_LT((found - density).abs().max().item<double>(), tolerance(named, predict))
          << named.schedule << ", " << predict;
    }
  }
}

// Starting from the law that the path has at t = 0, the likelihood at t = 1 is that of the mixture in closed form.
TEST(GaussianOracle, LikelihoodIsThatOfTheMixture) {
  const Tensor data = some_data();
  const Named named{"{type: cond_ot, sigma_min: 0.2}", "normal"};
  Rng rng(43, "points");
  const Tensor x = data + 0.2 * rng.normal({5, 2}, at::kDouble);
  const Tensor squared = (x.unsqueeze(1) - data.unsqueeze(0)).square().sum(2) / 0.04;
  const Tensor mixture = (-0.5 * squared - std::log(5 * 2 * M_PI * 0.04)).logsumexp(1);
  for (const std::string& predict : prediction_names()) {
    const Setting s = setting(named, predict, data);
    const auto stepper = build_stepper("{type: dopri5, tolerance: 1e-8}");
    const Tensor found = log_density(*s.learned, s.factors, {x}, *stepper, {}, rng).log_density;
    EXPECT_LT((found - mixture).abs().max().item<double>(), 10 * tolerance(named, predict)) << predict;
  }
}

// Twice the steps: an error 2^order times smaller, whatever the network predicts.
TEST(GaussianOracle, SolversKeepTheirOrder) {
  const Tensor data = some_data();
  const Named named{"{type: ve, sigma_min: 0.2, sigma_max: 10}", "{type: normal, scale: 10}"};
  Rng rng(44, "points");
  const Factor factor = gaussian_factor(named, "velocity");
  const State x0 = sample_source({factor}, 12, rng, at::kDouble);
  for (const std::string& predict : prediction_names()) {
    const Setting s = setting(named, predict, data);
    const auto end = [&](const std::string& stepper) {
      return simulate(*s.learned, {factor.space}, x0, 0, 1, *build_stepper(stepper), rng).x[0];
    };
    const Tensor reference = end("{type: dopri5, tolerance: 1e-11}");
    for (const auto& [name, order] : {std::pair{"euler", 1.0}, {"heun", 2.0}, {"rk4", 4.0}}) {
      const auto error = [&](int steps) {
        return (end("{type: " + std::string(name) + ", steps: " + std::to_string(steps) + "}") - reference)
            .norm()
            .item<double>();
      };
      EXPECT_NEAR(std::log2(error(80) / error(160)), order, 0.4) << name << ", " << predict;
    }
  }
}

TEST(GaussianOracle, BothEndsOfTimeAreFiniteInFloat) {
  for (const Named& named : gaussian_schedules) {
    const Factor factor = gaussian_factor(named, "velocity");
    Rng rng(45, "points");
    const State x{sample_source({factor}, 6, rng, at::kFloat)};
    for (const std::string& predict : prediction_names()) {
      const Setting s = setting(named, predict, some_data().to(at::kFloat));
      for (const double t : {0.0, 1e-7, 1 - 1e-7, 1.0}) {
        const Tensor drift = s.learned->at(x, at::full({6}, t, at::kFloat))[0].drift;
        EXPECT_TRUE(drift.isfinite().all().item<bool>()) << named.schedule << ", " << predict << ", t = " << t;
      }
    }
  }
}

}  // namespace
}  // namespace genmatch
