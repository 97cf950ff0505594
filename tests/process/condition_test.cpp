// What a process is given: it stays, it is seen, and it chooses the law.
#include "core/process/condition.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/process/exact_generator.h"
#include "core/process/guided.h"
#include "core/process/labels.h"
#include "core/solve/likelihood.h"
#include "core/solve/sampler.h"
#include "core/solve/simulate.h"
#include "tests/conformance/process_case.h"
#include "tests/problems/problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

const char* const kPlane = "{space: {type: euclidean, dim: 2}, source: normal, path: gaussian}";
const char* const kSphere = "{space: {type: sphere, dim: 2}, source: uniform, path: geodesic}";

Condition class_and_place() { return Condition({labels(3), make_space("sphere", 2)}); }

TEST(Labels, AreASpaceOfSeparatePoints) {
  const auto space = labels(4);
  Rng rng(1, "labels");
  const Tensor x = space->sample(4000, rng, at::kFloat);
  EXPECT_TRUE((space->violation(x) == 0).all().item<bool>());
  for (int64_t k = 0; k < 4; ++k)  // 5 standard deviations of a binomial
    EXPECT_NEAR(x.eq(k).sum().item<double>(), 1000, 5 * std::sqrt(4000 * 0.25 * 0.75));
  EXPECT_TRUE((space->violation(at::tensor({-1., 0.5, 4., NAN}, at::kDouble).unsqueeze(1)) > 0)
                  .equal(at::tensor({1, 1, 1, 0}).to(at::kBool)));
  EXPECT_TRUE(space->features(x).sum(1).equal(at::ones({4000})));
  EXPECT_TRUE(space->features(x).argmax(1).equal(x.select(1, 0).to(at::kLong)));
  EXPECT_NEAR(space->log_base_density(x).exp().mean().item<double>() * 4, 1, 1e-6);
  EXPECT_THROW(labels(0), ContractError);
  EXPECT_THROW(space->advance(x, {x, {}, {}, {}}, at::ones({4000}), rng), ContractError);
}

TEST(Condition, KeepsItsPartsAndKnowsWhenItIsWithheld) {
  const Condition space = class_and_place();
  Rng rng(2, "condition");
  const State parts{labels(3)->sample(20, rng, at::kDouble), make_space("sphere", 2)->sample(20, rng, at::kDouble)};
  const Tensor x = space.given(parts), withheld = at::zeros_like(x);
  EXPECT_EQ(x.sizes(), at::IntArrayRef({20, 5}));
  EXPECT_TRUE(space.values(x)[0].equal(parts[0]) && space.values(x)[1].equal(parts[1]));
  EXPECT_LT(space.violation(x).max().item<double>(), 1e-12);
  EXPECT_TRUE(space.violation(withheld).equal(at::zeros({20}, at::kDouble)));
  EXPECT_GT(space.violation(x + 0.3).min().item<double>(), 0.1);
  EXPECT_EQ(space.features(x).sizes(), at::IntArrayRef({20, space.feature_size()}));
  EXPECT_TRUE(space.features(withheld).equal(at::zeros({20, space.feature_size()}, at::kDouble)));
  EXPECT_TRUE(space.distance(x, withheld).equal(at::zeros({20}, at::kDouble)));
  EXPECT_GT(space.distance(x, x.flip(0)).max().item<double>(), 1);
  EXPECT_EQ(space.tangent_basis(x).size(0), 0);
  EXPECT_TRUE(space.advance(x, {}, at::ones({20}, at::kDouble), rng).equal(x));
  EXPECT_THROW(Condition({}), ContractError);
  EXPECT_THROW(space.given({parts[0]}), ContractError);
}

TEST(Condition, IsWithheldFromTheRowsChosen) {
  const Factors factors{make_factor(kPlane), condition_factor({labels(3)}, 0.2)};
  const State x{at::randn({3, 2}), at::tensor({2., 1., 0., 1., 1., 1.}).reshape({3, 2}).to(at::kFloat)};
  const State y = withhold(factors, x, at::tensor({1, 0, 0}).to(at::kBool));
  EXPECT_TRUE(y[1][0].equal(at::zeros({2})) && y[1][1].equal(x[1][1]));
  EXPECT_TRUE(withhold(factors, x)[1].equal(at::zeros({3, 2})));
  EXPECT_TRUE(withhold(factors, {x[0]})[1].equal(at::zeros({3, 2})));
  EXPECT_TRUE(withhold({make_factor(kPlane)}, {x[0]})[0].equal(x[0]));
  EXPECT_THROW(withhold(factors, {}), std::exception);
}

// Over a finite data set everything is known: given a class, only its rows count.
class Conditional : public testing::TestWithParam<const char*> {
 protected:
  Conditional() {
    factors_ = {make_factor(GetParam()), condition_factor({labels(3)}, 0.2)};
    points_ = factors_[0].space->sample(12, rng_, at::kDouble);
    label_ = at::arange(12, at::kDouble).remainder(3).unsqueeze(1);
    exact_ = std::make_shared<ExactGenerator>(factors_, State{points_, given(label_)});
  }
  Tensor given(const Tensor& label) const { return at::cat({label, at::ones_like(label)}, 1); }
  State state(const Tensor& x, int64_t label) const { return {x, given(at::full({x.size(0), 1}, label, x.options()))}; }
  ExactGenerator of_class(int64_t label) const {
    const Tensor rows = label_.eq(label).select(1, 0).nonzero().squeeze(1);
    return ExactGenerator({factors_[0]}, {points_.index_select(0, rows)});
  }
  Tensor start(int64_t n) { return factors_[0].source->sample(n, rng_, at::kDouble); }

  Rng rng_{5, "conditional"};
  Factors factors_;
  Tensor points_, label_;
  std::shared_ptr<const ExactGenerator> exact_;
};

TEST_P(Conditional, TheExactGeneratorIsThatOfTheClass) {
  const Tensor x = start(30), t = at::linspace(0, 0.9, 30, at::kDouble);
  for (const int64_t k : {0, 1, 2}) {
    EXPECT_TRUE(near(exact_->at(state(x, k), t)[0].drift, of_class(k).at({x}, t)[0].drift, 1e-12));
    EXPECT_FALSE(exact_->at(state(x, k), t)[1].drift.defined());
  }
  const ExactGenerator all({factors_[0]}, {points_});
  EXPECT_TRUE(near(exact_->at(withhold(factors_, {x}), t)[0].drift, all.at({x}, t)[0].drift, 1e-12));
}

TEST_P(Conditional, SimulationsAndLikelihoodsAreThoseOfTheClass) {
  const auto euler = chosen<StepperChoice>("{type: rk4, steps: 8}").make();
  const auto dopri5 = chosen<StepperChoice>("{type: dopri5, tolerance: 1e-6}").make();
  const Tensor x = start(10);
  for (const auto& stepper : {euler, dopri5}) {
    const Solution ours = simulate(*exact_, spaces(factors_), state(x, 1), 0, 0.7, *stepper, rng_);
    const Solution own = simulate(of_class(1), {factors_[0].space}, {x}, 0, 0.7, *stepper, rng_);
    EXPECT_TRUE(near(ours.x[0], own.x[0], 1e-9));
    EXPECT_TRUE(ours.x[1].equal(state(x, 1)[1]));
  }
  if (std::string(GetParam()) != kPlane) return;  // to solve from t = 1 takes points whose paths do not jump
  for (const char* type : {"exact", "hutchinson"}) {
    DivergenceOptions divergence;
    divergence.type = type;
    divergence.probes = 2;
    Rng one(3, "probes"), two(3, "probes");
    const auto stepper = chosen<StepperChoice>("{type: heun, steps: 20}").make();
    const Likelihood ours = log_density(*exact_, factors_, state(x, 2), *stepper, divergence, one);
    const Likelihood own = log_density(of_class(2), {factors_[0]}, {x}, *stepper, divergence, two);
    EXPECT_TRUE(near(ours.log_density, own.log_density, 1e-8)) << type;
  }
}

TEST_P(Conditional, GuidanceCombinesTheTwoGenerators) {
  const Tensor x = start(20), t = at::linspace(0.1, 0.9, 20, at::kDouble);
  const State conditional = state(x, 0), free = withhold(factors_, conditional);
  const Tensor c = exact_->at(conditional, t)[0].drift, u = exact_->at(free, t)[0].drift;
  const auto drift = [&](const Guidance& g) { return Guided(exact_, factors_, g).at(conditional, t)[0].drift; };
  EXPECT_TRUE(drift({0, 0, 1}).equal(u));
  EXPECT_TRUE(drift({1, 0, 1}).equal(c));
  EXPECT_TRUE(near(drift({3, 0, 1}), u + 3 * (c - u), 1e-12));
  const Tensor inside = (t >= 0.3) & (t <= 0.6);
  EXPECT_TRUE(drift({0, 0.3, 0.6}).equal(at::where(inside.unsqueeze(1), u, c)));
  EXPECT_TRUE(drift({2.5, 0.95, 1}).equal(c));
  EXPECT_THROW(Guided(nullptr, factors_, {}), ContractError);
  EXPECT_THROW(Guided(exact_, {factors_[0]}, {}), ContractError);
}

TEST_P(Conditional, GuidanceHasTheDerivativeOfTheCombination) {
  const Guided guided(exact_, factors_, {2.5, 0.2, 0.7});
  const Tensor x = start(12), t = at::linspace(0.1, 0.9, 12, at::kDouble);
  const State at_points = state(x, 1);
  const State directions{factors_[0].space->manifold()->tangent_basis(x),
                         at::zeros({factors_[0].space->manifold()->dim(), 12, 2}, at::kDouble)};
  const Linearised fast = guided.along(at_points, t, directions),
                   slow = guided.Generator::along(at_points, t, directions);
  EXPECT_TRUE(near(fast.derivative[0], slow.derivative[0], 1e-8));
  EXPECT_TRUE(near(fast.value[0].drift, guided.at(at_points, t)[0].drift, 1e-12));
}

INSTANTIATE_TEST_SUITE_P(Spaces, Conditional, testing::Values(kPlane, kSphere),
                         [](const auto& info) { return std::string(info.index == 0 ? "plane" : "sphere"); });

// Two far classes: whatever the sampler, samples end at their own class, and their conditions stay.
TEST(ConditionalSampling, EverySamplerFollowsTheCondition) {
  const char* const smooth =
      "{space: {type: euclidean, dim: 2}, source: normal, path: {type: gaussian, schedule: {type: cond_ot, sigma_min: "
      "0.1}}}";
  const Factors factors{make_factor(smooth), condition_factor({labels(2)}, 0)};
  Rng rng(7, "conditional sampling");
  const Tensor label = at::arange(40, at::kDouble).remainder(2).unsqueeze(1), ones = at::ones_like(label);
  const Tensor points = at::cat({8 * label - 4, 0 * label}, 1) + 0.3 * rng.normal({40, 2}, at::kDouble);
  const GeneratorPtr exact = std::make_shared<ExactGenerator>(factors, State{points, at::cat({label, ones}, 1)});
  const Tensor wanted = at::arange(60, at::kDouble).remainder(2).unsqueeze(1);
  const State x0{rng.normal({60, 2}, at::kDouble), at::cat({wanted, at::ones_like(wanted)}, 1)};
  for (const std::string process : {"ode", "sde", "predictor_corrector", "ancestral", "dpm_solver"}) {
    const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 20}").make();
    const auto sampler =
        chosen<SamplerChoice>(process).make({factors, chosen<TimeGridChoice>("uniform").make(), stepper});
    const Solution drawn = sampler->run(exact, x0, rng, {});
    EXPECT_TRUE(drawn.x[1].equal(x0[1])) << process;
    EXPECT_LT((drawn.x[0].select(1, 0) - (8 * wanted.select(1, 0) - 4)).abs().max().item<double>(), 2) << process;
  }
}

}  // namespace
}  // namespace genmatch
