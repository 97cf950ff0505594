#include "core/learn/learned_generator.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/manifold.h"
#include "core/process/path.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using learn_test::difference;

// R^2 with two weighted kinds, and the sphere with one.
Factors product() {
  Factors factors{learn_test::factor("{type: euclidean, dim: 2}", "normal", "linear"),
                  learn_test::factor("{type: sphere, dim: 2}", "uniform", "geodesic")};
  factors[0].generators[0].weight = 1.7;
  factors[0].generators.push_back({factors[0].generators[0].generator, -0.7});
  return factors;
}

struct Sample {
  State x, directions;
  Tensor t;
};
Sample sample(const Factors& factors, int64_t rows, int64_t directions) {
  Rng rng(3, "learned_generator_test");
  Sample s{sample_source(factors, rows, rng, at::kDouble), {}, rng.uniform({rows}, at::kDouble)};
  for (std::size_t i = 0; i < factors.size(); ++i)
    s.directions.push_back(factors[i].space->manifold()->to_tangent(
        s.x[i], rng.normal({directions, rows, factors[i].space->event_size()}, at::kDouble)));
  return s;
}

TEST(LearnedGenerator, HeadsAreThoseOfAllKinds) { EXPECT_EQ(head_sizes(product()), (std::vector<int64_t>{4, 3})); }

TEST(LearnedGenerator, IsTheWeightedSumOfItsParts) {
  const Factors factors = product();
  const auto model = learn_test::mlp(factors, "width: 16, depth: 2", at::kDouble);
  const LearnedGenerator generator(factors, model);
  const Sample s = sample(factors, 5, 1);
  const auto value = generator.at(s.x, s.t);
  const Tensor raw = model->forward(s.x, s.t)[0];
  EXPECT_LT(difference(value[0].drift, 1.7 * raw.narrow(1, 0, 2) - 0.7 * raw.narrow(1, 2, 2)), 1e-14);
  EXPECT_LT((value[1].drift * s.x[1]).sum(1).abs().max().item<double>(), 1e-14) << "tangent to the sphere";
  const auto parts = generator.parts(s.x, s.t);
  ASSERT_EQ(parts[0].size(), 2U);
  EXPECT_LT(difference(parts[0][1].drift, raw.narrow(1, 2, 2)), 1e-14) << "parts are not weighted";
}

TEST(LearnedGenerator, AlongEqualsTheDerivativeOfAt) {
  const Factors factors = product();
  for (const char* options : {"width: 16, depth: 2",
                              "width: 16, depth: 3, activation: tanh, residual: true, "
                              "layer_norm: true, time_features: 2, position_features: 3"}) {
    const LearnedGenerator generator(factors, learn_test::mlp(factors, options, at::kDouble));
    const Sample s = sample(factors, 5, 3);
    const Linearised by_hand = generator.along(s.x, s.t, s.directions);
    const Linearised by_autograd = generator.Generator::along(s.x, s.t, s.directions);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_LT(difference(by_hand.value[i].drift, by_autograd.value[i].drift), 1e-13);
      EXPECT_LT(difference(by_hand.derivative[i], by_autograd.derivative[i]), 1e-12);
      EXPECT_GT(by_hand.derivative[i].abs().max().item<double>(), 0);
      EXPECT_FALSE(by_hand.derivative[i].requires_grad() || by_hand.value[i].drift.requires_grad());
    }
  }
}

TEST(LearnedGenerator, EmptyAndOneRowBatches) {
  const Factors factors = product();
  const LearnedGenerator generator(factors, learn_test::mlp(factors, "width: 8, depth: 1", at::kDouble));
  for (const int64_t rows : {0, 1}) {
    const Sample s = sample(factors, rows, 2);
    EXPECT_EQ(generator.at(s.x, s.t)[1].drift.sizes(), at::IntArrayRef({rows, 3}));
    EXPECT_EQ(generator.along(s.x, s.t, s.directions).derivative[0].sizes(), at::IntArrayRef({2, rows, 2}));
  }
}

TEST(LearnedGenerator, RefusesWhatDoesNotFit) {
  const Factors factors = product();
  EXPECT_THROW(LearnedGenerator(factors, nullptr), ContractError);
  const LearnedGenerator generator(factors, learn_test::mlp(factors, "width: 8, depth: 1", at::kDouble));
  const Sample s = sample(factors, 4, 1);
  EXPECT_THROW(generator.at({s.x[0]}, s.t), ContractError);
  EXPECT_THROW(generator.at({s.x[0], s.x[0]}, s.t), ContractError);
  EXPECT_THROW(generator.at(s.x, s.t.narrow(0, 0, 3)), ContractError);
  EXPECT_THROW(coefficients(factors, s.x, s.t, {s.x[0]}), ContractError);
}

}  // namespace
}  // namespace genmatch
