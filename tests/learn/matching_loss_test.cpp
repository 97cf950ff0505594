#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/learn/loss.h"
#include "core/learn/time_distribution.h"
#include "core/learn/train.h"
#include "core/ops.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using learn_test::difference;

// Puts out the same number everywhere.
struct Constant final : Model {
  double value;
  std::vector<int64_t> heads;
  Parameters none;
  Constant(double v, std::vector<int64_t> h) : value(v), heads(std::move(h)) {}
  std::vector<Tensor> forward(const State& x, const Tensor& t) const override {
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < x.size(); ++i) all.push_back(at::full({t.size(0), heads[i]}, value, t.options()));
    return all;
  }
  Parameters& parameters() override { return none; }
};

std::shared_ptr<Loss> bregman() { return learn_test::choose<LossChoice>("bregman").make({}); }

TEST(MatchingLoss, IsTheSquaredDistanceToTheTargetPerDimension) {
  const Factors plane{learn_test::factor("{type: euclidean, dim: 2}", "normal", "linear")};
  const auto like = at::TensorOptions(at::kDouble);
  const Tensor x0 = at::tensor({1.0, 2.0, 0.0, 0.0}, like).view({2, 2});
  const Tensor x1 = at::tensor({4.0, 6.0, 1.0, 1.0}, like).view({2, 2});
  Rng rng(1, "path");
  // Straight lines: the targets are (3, 4) and (1, 1) at all times.
  const Tensor t = at::tensor({0.2, 0.9}, like);
  EXPECT_LT(difference(bregman()->of(plane, Constant(0, {2}), {{x0}, {x1}}, t, rng), at::tensor({12.5, 1.0}, like)),
            1e-12);
  EXPECT_LT(difference(bregman()->of(plane, Constant(1, {2}), {{x0}, {x1}}, t, rng), at::tensor({6.5, 0.0}, like)),
            1e-12);
}

TEST(MatchingLoss, AddsUpFactorsAndKinds) {
  Factor line = learn_test::factor("{type: euclidean, dim: 1}", "normal", "linear");
  const auto like = at::TensorOptions(at::kDouble);
  const Tensor x0 = at::zeros({1, 1}, like), t = at::full({1}, 0.5, like);
  Rng rng(1, "path");
  const auto loss = [&](const Factors& factors, const State& x1, std::vector<int64_t> heads) {
    return bregman()->of(factors, Constant(0, std::move(heads)), {State(x1.size(), x0), x1}, t, rng).item<double>();
  };
  EXPECT_NEAR(loss({line, line}, {x0 + 3, x0 + 4}, {1, 1}), 25, 1e-12);
  line.generators.push_back({line.generators[0].generator, 0});
  EXPECT_NEAR(loss({line}, {x0 + 3}, {2}), 18, 1e-12);
}

// On the sphere the target has the length of the geodesic at all times.
TEST(MatchingLoss, OfZeroOnTheSphereIsTheSquaredDistance) {
  const Factors sphere{learn_test::factor("{type: sphere, dim: 2}", "uniform", "geodesic")};
  Rng rng(1, "points");
  const State x0 = sample_source(sphere, 50, rng, at::kDouble), x1 = sample_source(sphere, 50, rng, at::kDouble);
  const Tensor t = rng.uniform({50}, at::kDouble);
  const Tensor angle = at::acos((x0[0] * x1[0]).sum(1));
  EXPECT_LT(difference(bregman()->of(sphere, Constant(0, {3}), {x0, x1}, t, rng), angle.square() / 2), 1e-9);
}

TEST(MatchingLoss, EmptyBatch) {
  const Factors line{learn_test::factor("{type: euclidean, dim: 1}", "normal", "linear")};
  const Tensor none = at::zeros({0, 1}, at::kDouble);
  Rng rng(1, "path");
  EXPECT_EQ(bregman()->of(line, Constant(0, {1}), {{none}, {none}}, none.flatten(), rng).numel(), 0);
}

TEST(StratifiedTimes, PutsOneInEachInterval) {
  Rng rng(1, "time");
  const Tensor t = stratified_times(100, rng, at::kDouble);
  EXPECT_TRUE(at::equal(at::floor(t * 100), at::arange(100, at::kDouble)));
  // Each is uniform in its interval: the mean of 100 uniform offsets, 5 sigma = 5 / sqrt(12 * 100).
  EXPECT_NEAR((t * 100).frac().mean().item<double>(), 0.5, 5 / std::sqrt(1200.0));
}

}  // namespace
}  // namespace genmatch
