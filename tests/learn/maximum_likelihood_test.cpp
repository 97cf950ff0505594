#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "core/errors.h"
#include "core/learn/learned_generator.h"
#include "core/learn/loss.h"
#include "core/ops.h"
#include "core/process/source.h"
#include "core/process/space.h"
#include "core/solve/likelihood.h"
#include "tests/chosen.h"
#include "tests/learn/fixture.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using learn_test::factor;

// v(x, t) = a t x: x1 = e^{a / 2} x0.
struct Growth final : Model {
  double a;
  Parameters none;
  explicit Growth(double a) : a(a) {}
  std::vector<Tensor> forward(const State& x, const Tensor& t) const override {
    return {a * t.unsqueeze(1) * x[0].flatten(1)};
  }
  Parameters& parameters() override { return none; }
};

Tensor loss_of(const std::string& options, const Factors& factors, const Model& model, const State& x1,
               uint64_t seed = 1) {
  Rng rng(seed, "likelihood");
  const auto loss = chosen<LossChoice>("{type: maximum_likelihood, " + options + "}").make(factors);
  return loss->of(factors, model, {x1, x1}, at::zeros({x1[0].size(0)}, x1[0].options()), rng);
}

TEST(MaximumLikelihood, OfAFlowThatScalesANormalLaw) {
  const Factors plane{factor("{type: euclidean, dim: 2}", "normal", "linear")};
  Rng rng(2, "points");
  const Tensor x1 = 2 * rng.normal({50, 2}, at::kDouble);
  const double a = 1.3, scale = std::exp(a / 2);
  const Tensor expected = 0.5 * (x1 / scale).square().sum(1) + std::log(2 * M_PI) + 2 * std::log(scale);
  EXPECT_TRUE(near(loss_of("probes: 0, steps: 20", plane, Growth(a), {x1}), expected, 1e-6));
  const at::NoGradGuard no_grad;  // as in validation
  const Tensor value = loss_of("probes: 0, steps: 20", plane, Growth(a), {x1});
  EXPECT_TRUE(near(value, expected, 1e-6));
  EXPECT_FALSE(value.requires_grad());
}

struct Trained {
  Factors factors;
  std::shared_ptr<Model> model;
  State x1;
};

Trained cloud() {
  Trained all;
  Factor flow;
  flow.name = "x";
  flow.space = chosen<SpaceChoice>("{type: point_cloud, particles: 4, dim: 2}").make();
  flow.source = chosen<SourceChoice>("normal").make(flow.space);
  flow.path = chosen<PathChoice>("linear").make(flow.space, flow.source);
  flow.generators.push_back({chosen<GeneratorChoice>("flow").make(flow.space, flow.path), 1});
  all.factors = {flow};
  all.model = chosen<ModelChoice>("{type: egnn, width: 8, depth: 2}")
                  .make({{all.factors[0].space}, {8}, at::TensorOptions(at::kDouble), 1});
  const at::NoGradGuard no_grad;
  for (const auto& entry : all.model->parameters().entries())  // as if trained: new networks hardly move
    if (entry.name.find("position.out") != std::string::npos) entry.value.mul_(30);
  Rng rng(3, "cloud");
  all.x1 = {1.5 * all.factors[0].space->sample(6, rng, at::kDouble)};
  return all;
}

// The sampler's likelihood, in forward mode and with its own steppers, is another way to the same number.
TEST(MaximumLikelihood, IsTheLikelihoodOfTheSolver) {
  const Trained t = cloud();
  const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 8}").make();
  Rng rng(4, "density");
  const Tensor expected =
      log_density(LearnedGenerator(t.factors, t.model), t.factors, t.x1, *stepper, {}, rng).log_density;
  EXPECT_TRUE(near(-loss_of("probes: 0, steps: 8", t.factors, *t.model, t.x1), expected, 1e-10));
}

TEST(MaximumLikelihood, ProbesEstimateTheDivergenceWithoutBias) {
  const Trained t = cloud();
  const Tensor exact = loss_of("probes: 0, steps: 4", t.factors, *t.model, t.x1).detach();
  constexpr int64_t runs = 200;
  std::vector<Tensor> all;
  const at::NoGradGuard no_grad;
  for (int64_t i = 0; i < runs; ++i)
    all.push_back(loss_of("probes: 2, steps: 4", t.factors, *t.model, t.x1, static_cast<uint64_t>(i)));
  const Tensor estimates = at::stack(all), sem = estimates.std(0) / std::sqrt(static_cast<double>(runs));
  EXPECT_GT(sem.min().item<double>(), 0);
  EXPECT_TRUE(all_at_most((estimates.mean(0) - exact).abs() / sem, 4.5));
}

// Of every parameter, along a random direction.
TEST(MaximumLikelihood, GradientsAreThoseOfFiniteDifferences) {
  const Trained t = cloud();
  Parameters& parameters = t.model->parameters();
  const auto value = [&] { return loss_of("probes: 0, steps: 3", t.factors, *t.model, t.x1).mean(); };
  parameters.zero_gradients();
  torch::autograd::backward({value()});
  Rng rng(5, "direction");
  const Tensor start = parameters.values().clone(), along = rng.normal(start.sizes(), at::kDouble);
  const double slope = (parameters.gradients() * along).sum().item<double>();
  constexpr double h = 1e-5;
  const auto at = [&](double distance) {
    parameters.assign(start + distance * along);
    return value().item<double>();
  };
  const double expected = (at(h) - at(-h)) / (2 * h);
  EXPECT_GT(std::abs(expected), 1e-3);
  EXPECT_NEAR(slope, expected, 1e-5 * (1 + std::abs(expected)));
}

TEST(MaximumLikelihood, RefusesWhatItCannotFollow) {
  for (const char* const space : {"sphere", "{type: torus, dim: 2}"})
    EXPECT_THROW(chosen<LossChoice>("maximum_likelihood").make({factor(space, "uniform", "geodesic")}), ConfigError)
        << space;
}

}  // namespace
}  // namespace genmatch
