// The laws of core/process/space.h.
#include "core/process/space.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/process/manifold.h"
#include "tests/conformance/cases.h"
#include "tests/manifold_sampling.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

class SpaceLaws : public testing::TestWithParam<TypedCase> {
 protected:
  void SetUp() override { space_ = read_component<SpaceChoice>(GetParam().c).make(); }
  const Space& space() const { return *space_; }
  at::TensorOptions like() const { return at::TensorOptions().dtype(GetParam().dtype); }
  bool single() const { return GetParam().dtype == at::kFloat; }
  double roundings(double n) const { return n * (single() ? 0x1p-23 : 0x1p-52); }
  Tensor points(int64_t n) { return space_->sample(n, rng_, like()); }

  SpacePtr space_;
  Rng rng_{1, "space laws"};
};

TEST_P(SpaceLaws, 1_SamplesLieOnTheSpace) {
  for (const int64_t n : {0, 1, 100}) {
    const Tensor x = points(n);
    Shape expected = space().event_shape();
    expected.insert(expected.begin(), n);
    EXPECT_EQ(x.sizes(), at::IntArrayRef(expected));
    EXPECT_EQ(x.scalar_type(), GetParam().dtype);
    EXPECT_TRUE(all_at_most(space().violation(x), roundings(10)));
  }
  EXPECT_FALSE((space().violation(points(5) * std::nan("")) <= 1e9).any().item<bool>());
}

TEST_P(SpaceLaws, 2_DistanceIsAMetric) {
  const Tensor x = points(200), y = points(200), z = points(200);
  const Tensor xy = space().distance(x, y), yz = space().distance(y, z), xz = space().distance(x, z);
  EXPECT_TRUE(all_at_most(space().distance(x, x), roundings(4)));
  if (space().manifold() != nullptr) {     // words may be equal by chance
    EXPECT_TRUE(all_at_most(-xy, -1e-4));  // independent points: P(closer) < 1e-2 in one dimension, 1e-4 in two
  }
  EXPECT_TRUE(near(space().distance(y, x), xy, roundings(10)));
  EXPECT_TRUE(all_at_most(xz - xy - yz, roundings(50)));
}

// Compares the share of samples in balls with the integral of the density over them.
TEST_P(SpaceLaws, 3_BaseDensityIsThatOfTheSamples) {
  const Manifold* const m = space().manifold();
  if (m == nullptr || single()) GTEST_SKIP() << "an integral, done on manifolds in float64";
  const Tensor x = points(20000), centres = points(3);
  for (int64_t i = 0; i < 3; ++i) {
    const Tensor distance = m->distance(centres[i], x);
    for (const double share : {0.3, 0.8}) {
      const double radius = std::min(distance.quantile(share).item<double>(), m->injectivity_radius());
      const MonteCarlo sampled(distance.le(radius).to(at::kDouble));
      const MonteCarlo integrated = ball_probability(
          *m, centres[i], radius, [&](const Tensor& y) { return m->log_base_density(y); }, 20000, rng_);
      EXPECT_NEAR(integrated.mean, sampled.mean, 5 * std::hypot(integrated.sem, sampled.sem) + 1e-9) << radius;
    }
  }
}

TEST_P(SpaceLaws, 4_FeaturesJvpIsTheDirectionalDerivative) {
  const Manifold* const m = space().manifold();
  if (m == nullptr || single()) GTEST_SKIP() << "finite differences, done on manifolds in float64";
  const Tensor x = points(20), e = m->tangent_basis(x);  // [dim, B, *event]
  EXPECT_EQ(space().features(x).sizes(), at::IntArrayRef({20, space().feature_size()}));
  const double h = 1e-5;
  const Tensor difference = (space().features(m->exp(x, h * e)) - space().features(m->exp(x, -h * e))) / (2 * h);
  // Features of a small space change fast: the error is their third derivative times h^2 / 6.
  const double frequency = std::max(1.0, 3.15 / m->injectivity_radius());
  EXPECT_TRUE(near(space().features_jvp(x, e), difference, 1e-9 * frequency * frequency * frequency));
}

TEST_P(SpaceLaws, 4_FeaturesAreSingleValued) {
  const Manifold* const m = space().manifold();
  if (m == nullptr || std::isinf(m->injectivity_radius())) GTEST_SKIP() << "points have one way to be reached only";
  const Tensor x = points(50), v = random_tangent(*m, x, 0.999999 * m->injectivity_radius(), rng_);
  EXPECT_TRUE(all_at_most((space().features(m->exp(x, v)) - space().features(m->exp(x, 1.000001 * v))).abs(), 1e-4));
}

TEST_P(SpaceLaws, 5_AdvanceStaysOnTheSpaceAndMovesAsTold) {
  const Manifold* const m = space().manifold();
  if (m == nullptr) GTEST_SKIP() << "drift and diffusion are for manifolds";
  const int64_t n = 4000;
  const Tensor x = points(1).repeat_interleave(n, 0), dt = at::full({n}, 1e-4, like());
  Coefficients c;
  c.drift = random_tangent(*m, x.narrow(0, 0, 1), 50, rng_).expand_as(x);
  c.variance = at::full({n}, 2., like());
  const Tensor moved = space().advance(x, c, dt, rng_);
  EXPECT_TRUE(all_at_most(space().violation(moved), roundings(10)));
  // log x(dt) ~ N(dt drift, dt variance) up to O(dt) curvature
  const Tensor step = m->log(x, moved), noise = step - 1e-4 * c.drift;
  const MonteCarlo along((m->inner(x, c.drift, noise) / 50).to(at::kDouble));
  EXPECT_NEAR(along.mean, 0, 5 * std::sqrt(2e-4 / n));
  const MonteCarlo square((m->inner(x, noise, noise) / (2e-4 * m->dim())).to(at::kDouble));
  EXPECT_NEAR(square.mean, 1, 5 * std::sqrt(2. / m->dim() / n) + (single() ? 1e-3 : 1e-4));
  EXPECT_TRUE(space().advance(x, {}, dt, rng_).allclose(x, 0, roundings(10)));
}

INSTANTIATE_TEST_SUITE_P(Cases, SpaceLaws, testing::ValuesIn(typed_cases("manifold")), label);

}  // namespace
}  // namespace genmatch
