#include "core/learn/bregman.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using learn_test::choose;
using learn_test::difference;

const SpacePtr& sphere() {
  static const SpacePtr space = choose<SpaceChoice>("{type: sphere, dim: 2}").make();
  return space;
}

constexpr int64_t kRows = 6;

Tensor points() {
  Rng rng(1, "points");
  return sphere()->sample(kRows, rng, at::kDouble);
}

// Random valid coefficients of all kinds.
Coefficients random_coefficients(uint64_t seed) {
  Rng rng(seed, "coefficients");
  return {sphere()->manifold()->to_tangent(points(), rng.normal({kRows, 3}, at::kDouble)),
          rng.uniform({kRows}, at::kDouble) + 0.1,
          rng.uniform({kRows, 4}, at::kDouble) + 0.1,
          {}};
}

TEST(Bregman, PositiveAndZeroOnlyOnEqual) {
  const Coefficients a = random_coefficients(1), b = random_coefficients(2);
  EXPECT_LT(bregman(*sphere(), points(), a, a).abs().max().item<double>(), 1e-15);
  EXPECT_GT(bregman(*sphere(), points(), a, b).min().item<double>(), 0);
  for (const bool drift : {true, false}) {  // each part alone tells a small difference
    Coefficients c = a;
    if (drift)
      c.drift = a.drift + 1e-3 * b.drift;
    else
      c.rates = a.rates * 1.001;
    EXPECT_GT(bregman(*sphere(), points(), a, c).min().item<double>(), 0);
  }
}

TEST(Bregman, KnownValues) {
  const auto like = at::TensorOptions(at::kDouble);
  const Tensor x = at::tensor({0.0, 0.0, 1.0}, like).view({1, 3});
  const Tensor u = at::tensor({3.0, 4.0, 0.0}, like).view({1, 3});
  EXPECT_NEAR(bregman(*sphere(), x, {u, {}, {}, {}}, {0 * u, {}, {}, {}}).item<double>(), 25.0 / 2, 1e-14);
  const Tensor two = at::full({1}, 2.0, like), five = at::full({1}, 5.0, like);
  EXPECT_NEAR(bregman(*sphere(), x, {{}, two, {}, {}}, {{}, five, {}, {}}).item<double>(), 9, 1e-14);
  // The Kullback–Leibler divergence of Poisson laws: 5 - 2 + 2 ln(2/5).
  EXPECT_NEAR(bregman(*sphere(), x, {{}, {}, two.view({1, 1}), {}}, {{}, {}, five.view({1, 1}), {}}).item<double>(),
              1.1674185362516898, 1e-14);
}

// The gradient at b of E D(a, b) vanishes at b = E a, and D grows away from it in every direction.
TEST(Bregman, MinimisedByTheConditionalMean) {
  std::vector<Coefficients> draws;
  Coefficients mean;
  constexpr int kDraws = 7;
  for (int i = 0; i < kDraws; ++i) {
    draws.push_back(random_coefficients(10 + static_cast<uint64_t>(i)));
    mean = add(mean, scale(draws.back(), 1.0 / kDraws));
  }
  const auto risk = [&](const Coefficients& b) {
    Tensor sum;
    for (const Coefficients& a : draws) {
      const Tensor loss = bregman(*sphere(), points(), a, b).sum();
      sum = sum.defined() ? sum + loss : loss;
    }
    return sum;
  };
  Coefficients b{mean.drift.clone().requires_grad_(),
                 mean.variance.clone().requires_grad_(),
                 mean.rates.clone().requires_grad_(),
                 {}};
  for (const Tensor& g : torch::autograd::grad({risk(b)}, {b.drift, b.variance, b.rates}))
    EXPECT_LT(g.abs().max().item<double>(), 1e-12);
  const double least = risk(mean).item<double>();
  for (uint64_t seed = 30; seed < 40; ++seed)
    EXPECT_GT(risk(add(scale(mean, 0.9), scale(random_coefficients(seed), 0.1))).item<double>(), least);
}

// D(a, b) = phi(a) - phi(b) - <a - b, phi'(b)>, phi by its definition and phi' by finite differences.
TEST(Bregman, IsTheGapOfTheTangentOfXLogX) {
  const Tensor a = random_coefficients(1).rates, b = random_coefficients(2).rates;
  const auto phi = [](const Tensor& r) { return r * at::log(r); };
  const double h = 1e-6;
  const Tensor slope = (phi(b + h) - phi(b - h)) / (2 * h);
  const Tensor gap = (phi(a) - phi(b) - (a - b) * slope).sum(1);
  EXPECT_LT(difference(bregman(*sphere(), points(), {{}, {}, a, {}}, {{}, {}, b, {}}), gap), 1e-8);
}

TEST(Bregman, ZeroRatesAreHarmless) {
  const auto like = at::TensorOptions(at::kDouble);
  const Tensor target = at::tensor({0.0, 0.0, 1.0}, like).view({1, 3});
  const Tensor predicted = at::tensor({0.0, 2.0, 1.0}, like).view({1, 3}).requires_grad_(true);
  const Tensor x = points().narrow(0, 0, 1);
  const Tensor loss = bregman(*sphere(), x, {{}, {}, target, {}}, {{}, {}, predicted, {}});
  EXPECT_NEAR(loss.item<double>(), 2, 1e-15);
  const Tensor g = torch::autograd::grad({loss.sum()}, {predicted})[0];
  EXPECT_LT(difference(g, at::tensor({1.0, 1.0, 0.0}, like).view({1, 3})), 1e-15);
  const Tensor impossible = bregman(*sphere(), x, {{}, {}, target, {}}, {{}, {}, 0 * target, {}});
  EXPECT_TRUE(std::isinf(impossible.item<double>())) << "a jump that happens was given rate zero";
}

TEST(Bregman, EmptyBatch) {
  const Tensor none = at::zeros({0, 3}, at::kDouble);
  EXPECT_EQ(bregman(*sphere(), none, {none, {}, {}, {}}, {none, {}, {}, {}}).sizes(), at::IntArrayRef({0}));
}

TEST(Bregman, RefusesCoefficientsThatDoNotMatch) {
  const Coefficients a = random_coefficients(1);
  Coefficients b = a;
  b.variance = Tensor();
  EXPECT_THROW(bregman(*sphere(), points(), a, b), ContractError);
  b = a;
  b.rates = a.rates.narrow(1, 0, 2);
  EXPECT_THROW(bregman(*sphere(), points(), a, b), ContractError);
}

}  // namespace
}  // namespace genmatch
