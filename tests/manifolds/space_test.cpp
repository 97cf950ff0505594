// The defaults that Space and Manifold give to those who do not know better.
#include "core/process/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/euclidean.h"
#include "core/process/manifold.h"
#include "tests/manifolds/build.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

TEST(Space, UnsqueezeEventBroadcastsScalarsAgainstPoints) {
  const auto space = euclidean(3);
  EXPECT_EQ(unsqueeze_event(at::zeros({5}), *space).sizes(), at::IntArrayRef({5, 1}));
  EXPECT_EQ(unsqueeze_event(at::zeros({2, 0}), *space).sizes(), at::IntArrayRef({2, 0, 1}));
  EXPECT_EQ(unsqueeze_event(at::zeros({}), *space).sizes(), at::IntArrayRef({1}));
}

TEST(Space, EventSize) { EXPECT_EQ(build_manifold("{type: sphere, dim: 4}")->event_size(), 5); }

// The sphere's own derivative of log against the default, which takes differences.
TEST(Manifold, DefaultDlogAgreesWithTheClosedForm) {
  const auto s3 = build_manifold("{type: sphere, dim: 3}");
  Rng rng(1, "dlog");
  const Tensor x = s3->sample(50, rng, at::kDouble);
  const Tensor y = s3->exp(x, s3->to_tangent(x, 0.5 * rng.normal({50, 4}, at::kDouble)));
  for (const double size : {0., 1e-9, 1., 1e6}) {
    const Tensor w = size * s3->to_tangent(y, rng.normal({50, 4}, at::kDouble));
    EXPECT_TRUE(near(s3->Manifold::dlog(x, y, w) / (size + 1), s3->dlog(x, y, w) / (size + 1), 1e-8)) << size;
  }
}

TEST(Manifold, DefaultDistanceAgreesWithTheClosedForm) {
  const auto s2 = build_manifold("{type: sphere, dim: 2}");
  Rng rng(2, "distance");
  const Tensor x = s2->sample(50, rng, at::kDouble), y = s2->sample(50, rng, at::kDouble);
  EXPECT_TRUE(near(s2->Manifold::distance(x, y), s2->distance(x, y), 1e-14));
}

TEST(Manifold, AdvanceRefusesWhatItCannotDo) {
  const auto plane = euclidean(2);
  Rng rng(3, "advance");
  const Tensor x = at::zeros({3, 2}), dt = at::full({3}, -0.1);
  Coefficients diffusion, jumps;
  diffusion.variance = at::ones({3});
  jumps.rates = at::ones({3, 1});
  EXPECT_THROW(plane->advance(x, diffusion, dt, rng), ContractError);
  EXPECT_THROW(plane->advance(x, jumps, -dt, rng), ContractError);
}

TEST(Euclidean, StandardNormalAtTheOrigin) {
  const auto space = euclidean(3);
  EXPECT_NEAR(space->log_base_density(at::zeros({3}, at::kDouble)).item<double>(),
              -1.5 * std::log(2 * 3.14159265358979323846), 1e-15);
  EXPECT_FALSE(space->compact());
  const Tensor bad = at::full({1, 3}, std::numeric_limits<double>::infinity(), at::kDouble);
  EXPECT_TRUE(space->violation(bad).isnan().all().item<bool>());
}

}  // namespace
}  // namespace genmatch
