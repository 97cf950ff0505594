#include "core/process/factor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/path.h"
#include "core/process/source.h"
#include "core/process/space.h"
#include "tests/conformance/process_case.h"

namespace genmatch {
namespace {

using ::testing::HasSubstr;
using ::testing::Throws;
using ::testing::ThrowsMessage;

class Kind final : public ConditionalGenerator {
 public:
  explicit Kind(Role role) : role_(role) {}
  Coefficients given(const Tensor& xt, const Tensor&, const Tensor&, const Tensor&) const override {
    return {at::zeros_like(xt), {}, {}, {}};
  }
  Coefficients from_output(const Tensor&, const Tensor&, const Tensor& output) const override {
    return {output, {}, {}, {}};
  }
  Tensor from_output_jvp(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor& d) const override {
    return d;
  }
  Head head() const override { return {1}; }
  Role role() const override { return role_; }

 private:
  Role role_;
};

Factor weighted(std::vector<std::pair<Role, double>> kinds) {
  Factor factor;
  for (const auto& [role, weight] : kinds) factor.generators.push_back({std::make_shared<Kind>(role), weight});
  return factor;
}

TEST(CheckWeights, AcceptsWhatKeepsTheMarginals) {
  constexpr Role carries = Role::carries, preserves = Role::preserves;
  EXPECT_NO_THROW(check_weights(weighted({{carries, 1}})));
  EXPECT_NO_THROW(check_weights(weighted({{carries, 0.1}, {carries, 0.2}, {carries, 0.7}})));
  EXPECT_NO_THROW(check_weights(weighted({{carries, 1.5}, {carries, -0.5}, {preserves, 3}, {preserves, 0}})));
}

TEST(CheckWeights, RefusesTheRest) {
  constexpr Role carries = Role::carries, preserves = Role::preserves;
  for (const Factor& wrong : {weighted({}), weighted({{preserves, 1}}), weighted({{carries, 0.9}}),
                              weighted({{carries, 1}, {carries, 1}}), weighted({{carries, 1}, {preserves, -0.1}}),
                              weighted({{carries, NAN}}), weighted({{carries, 1}, {preserves, INFINITY}})}) {
    try {
      check_weights(wrong);
      FAIL() << "accepted";
    } catch (const OptionError& e) {
      EXPECT_EQ(e.key(), "generators");
    }
  }
  EXPECT_THAT(
      [] {
        check_weights(weighted({{Role::carries, 0.9}}));
      },
      ThrowsMessage<OptionError>(HasSubstr("must sum to 1, got 0.9")));
}

const std::string line = "{space: {type: euclidean, dim: 2}, source: normal, path: linear}";
const std::string sphere = "{space: {type: sphere, dim: 2}, source: uniform, path: geodesic}";

TEST(Factors, SampleTheSourceAndThePathPerFactor) {
  const Factors factors = make_factors({line, sphere});
  ASSERT_EQ(spaces(factors).size(), 2u);
  EXPECT_EQ(spaces(factors)[1]->describe(), factors[1].space->describe());
  for (const int64_t n : {0, 1, 5}) {
    Rng rng(3, "factors");
    const State x0 = sample_source(factors, n, rng, at::kDouble), x1 = sample_source(factors, n, rng, at::kDouble);
    EXPECT_EQ(x0[0].sizes(), at::IntArrayRef({n, 2}));
    EXPECT_EQ(x0[1].sizes(), at::IntArrayRef({n, 3}));
    const State start = sample_path(factors, x0, x1, at::zeros({n}, at::kDouble), rng);
    const State end = sample_path(factors, x0, x1, at::ones({n}, at::kDouble), rng);
    for (std::size_t f = 0; f < 2; ++f) {
      EXPECT_TRUE(at::allclose(start[f], x0[f], 1e-9, 1e-9));
      EXPECT_TRUE(at::allclose(end[f], x1[f], 1e-9, 1e-9));
    }
    EXPECT_EQ(source_log_density(factors, x0).sizes(), at::IntArrayRef({n}));
  }
}

TEST(Factors, SourceLogDensityOfAKnownPoint) {
  const State x{at::zeros({1, 2}, at::kDouble), at::tensor({0.0, 0.0, 1.0}, at::kDouble).unsqueeze(0)};
  const double expected = -std::log(2 * M_PI) - std::log(4 * M_PI);  // standard normal at 0; uniform on the sphere
  EXPECT_NEAR(source_log_density(make_factors({line, sphere}), x).item<double>(), expected, 1e-12);
}

TEST(Factors, RefuseStatesOfOtherFactors) {
  const Factors factors = make_factors({line, sphere});
  const Tensor x = at::zeros({1, 2}, at::kDouble), t = at::zeros({1}, at::kDouble);
  Rng rng(3, "factors");
  EXPECT_THROW(source_log_density(factors, {x}), ContractError);
  EXPECT_THROW(sample_path(factors, {x}, {x, x}, t, rng), ContractError);
  EXPECT_THROW(sample_path(factors, {x, x}, {x}, t, rng), ContractError);
}

TEST(Paths, RefuseSpacesTheyCannotCross) {
  for (const char* space : {"{type: sphere, dim: 2}", "{type: torus, dim: 2}"}) {
    const std::string yaml = std::string("{space: ") + space + ", source: uniform, path: linear}";
    EXPECT_THAT([&] { make_factor(yaml); }, ThrowsMessage<ConfigError>(HasSubstr("use geodesic")));
  }
  EXPECT_NO_THROW(make_factor("{space: {type: checked, of: {type: euclidean, dim: 2}}, source: normal, path: linear}"));
  EXPECT_THROW(make_factor("{space: {type: euclidean, dim: 2}, source: normal, path: {type: linear, sigma_min: 1}}"),
               ConfigError);
}

// The closed form of Lipman et al. 2023, eq. 20 and 21: x_t | x1 ~ N(t x1, (1 - (1 - s) t)^2), and its velocity.
TEST(LinearPath, KnownAnswers) {
  const Factor factor =
      make_factor("{space: {type: euclidean, dim: 1}, source: normal, path: {type: linear, sigma_min: 0.5}}");
  const Tensor t = at::tensor({0.5}, at::kDouble), x1 = at::full({1, 1}, 2.0, at::kDouble);
  const Tensor x = at::full({1, 1}, 1.75, at::kDouble);  // one standard deviation, 0.75, above the mean, 1
  EXPECT_NEAR(factor.path->log_density(x, t, x1).item<double>(), -0.5 - 0.5 * std::log(2 * M_PI) - std::log(0.75),
              1e-14);
  EXPECT_NEAR(factor.path->velocity(x, t, {}, x1).item<double>(), 1.5, 1e-14);  // x0 = 1, so 2 - 0.5 * 1
  EXPECT_EQ(factor.path->end_noise(), 0.5);
}

// Halfway along a quarter of the equator, and at the angular speed of the whole.
TEST(GeodesicPath, KnownAnswers) {
  const Factor factor = make_factor(sphere);
  const Tensor x0 = at::tensor({1.0, 0.0, 0.0}, at::kDouble).unsqueeze(0);
  const Tensor x1 = at::tensor({0.0, 1.0, 0.0}, at::kDouble).unsqueeze(0);
  const Tensor t = at::tensor({0.5}, at::kDouble);
  Rng rng(1, "none");
  const Tensor xt = factor.path->sample(x0, x1, t, rng);
  EXPECT_TRUE(at::allclose(xt, (x0 + x1) / std::sqrt(2.0)));
  const Tensor expected = (x1 - x0) / std::sqrt(2.0) * M_PI / 2;
  EXPECT_TRUE(at::allclose(factor.path->velocity(xt, t, x0, x1), expected));
  EXPECT_TRUE(at::allclose(factor.path->velocity(xt, t, {}, x1), expected));
}

// On the circle the whole circle shrinks linearly towards x1: uniform on an arc of half-width (1 - t) pi.
TEST(GeodesicPath, UniformSourceOnACircleGivesAUniformArc) {
  const Factor factor = make_factor("{space: {type: torus, dim: 1}, source: uniform, path: geodesic}");
  const Tensor t = at::full({2}, 0.75, at::kDouble), x1 = at::full({2, 1}, 3.0, at::kDouble);
  const Tensor x = at::tensor({3.0 - 0.2 * M_PI, 3.0 + 0.26 * M_PI - 2 * M_PI}, at::kDouble).unsqueeze(1);
  const Tensor log_p = factor.path->log_density(x, t, x1);
  EXPECT_NEAR(log_p[0].item<double>(), -std::log(2 * M_PI * 0.25), 1e-12);
  EXPECT_EQ(log_p[1].item<double>(), -INFINITY);
}

// On a torus the cut locus bounds a cube, not a ball: its corners count.
TEST(GeodesicPath, ReachesTheCornersOfATorus) {
  const Factor factor = make_factor("{space: {type: torus, dim: 2}, source: uniform, path: geodesic}");
  const Tensor t = at::full({3}, 0.5, at::kDouble), x1 = at::zeros({3, 2}, at::kDouble);
  const Tensor x = at::tensor({0.49, 0.49, -0.49, 0.3, 0.51, 0.0}, at::kDouble).reshape({3, 2}) * M_PI;
  const Tensor log_p = factor.path->log_density(x, t, x1);
  EXPECT_NEAR(log_p[0].item<double>(), -2 * std::log(M_PI), 1e-12);
  EXPECT_NEAR(log_p[1].item<double>(), -2 * std::log(M_PI), 1e-12);
  EXPECT_EQ(log_p[2].item<double>(), -INFINITY);
}

}  // namespace
}  // namespace genmatch
