// The Kolmogorov check itself: it accepts known solutions with every kind of coefficient and rejects near misses.
#include "tests/conformance/kolmogorov.h"

#include <gtest/gtest.h>

#include "core/ops.h"
#include "core/process/path.h"
#include "core/process/source.h"
#include "core/process/space.h"
#include "tests/conformance/process_case.h"

namespace genmatch {
namespace {

constexpr int64_t kRows = 4000;

// p_t = N(t, (1 - t)^2) in each coordinate of R^2: the flow plus noise of variance g^2 that half the score balances.
TEST(Kolmogorov, DriftAndVariance) {
  const Factor factor = make_factor("{space: {type: euclidean, dim: 2}, source: normal, path: linear}");
  Rng rng(1, "diffusion");
  const Tensor x0 = rng.normal({kRows, 2}, at::kDouble), x1 = at::ones({kRows, 2}, at::kDouble);
  const TestFunctions f({factor.space}, 32, rng);
  const auto sample = [&](double t) { return State{(1 - t) * x0 + t * x1}; };
  const auto noisy = [&](double share_of_score) {
    return [&, share_of_score](const State& x, const Tensor& t) {
      const Tensor s = (1 - t).unsqueeze(1), score = -(x[0] - (1 - s) * x1) / s.square();
      const Tensor drift = factor.path->velocity(x[0], t, {}, x1) + share_of_score * 0.49 * score;
      return std::vector<Coefficients>{{drift, at::full_like(t, 0.49), {}, {}}};
    };
  };
  for (const double t : {0.2, 0.5}) {
    EXPECT_FALSE(rejected(kolmogorov_scores(sample, noisy(0.5), f, {factor.space}, t)));
    EXPECT_TRUE(rejected(kolmogorov_scores(sample, noisy(0), f, {factor.space}, t)));
    EXPECT_TRUE(rejected(kolmogorov_scores(sample, noisy(1), f, {factor.space}, t)));
  }
}

Tensor standing(const std::string& source) {
  const Factor factor = make_factor("{space: {type: sphere, dim: 2}, source: " + source + ", path: geodesic}");
  Rng rng(4, "standing");
  return factor.source->sample(kRows, rng, at::kDouble);
}

// Brownian motion, and jumps to a fresh uniform point, keep the uniform law of a sphere and no other.
TEST(Kolmogorov, BrownianMotionAndJumpsOnTheSphere) {
  const Factor factor = make_factor("{space: {type: sphere, dim: 2}, source: uniform, path: geodesic}");
  Rng rng(1, "sphere");
  const TestFunctions f({factor.space}, 32, rng);
  const Tensor fresh = factor.space->sample(kRows * 3, rng, at::kDouble).reshape({kRows, 3, 3});
  const auto brownian = [](const State&, const Tensor& t) {
    return std::vector<Coefficients>{{{}, at::ones_like(t), {}, {}}};
  };
  const auto jumping = [&](const State&, const Tensor& t) {
    return std::vector<Coefficients>{{{}, {}, at::ones_like(t).unsqueeze(1).expand({kRows, 3}), fresh}};
  };
  for (const std::string source : {"uniform", "{type: von_mises_fisher, concentration: 0.5}"}) {
    const Tensor x = standing(source);
    const auto sample = [&](double) { return State{x}; };
    EXPECT_EQ(rejected(kolmogorov_scores(sample, brownian, f, {factor.space}, 0.5)), source != "uniform");
    EXPECT_EQ(rejected(kolmogorov_scores(sample, jumping, f, {factor.space}, 0.5)), source != "uniform");
  }
}

TEST(Kolmogorov, NaNIsRejected) { EXPECT_TRUE(rejected(at::full({3}, NAN, at::kDouble))); }

}  // namespace
}  // namespace genmatch
