#include "core/process/exact_generator.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/jvp.h"
#include "core/process/manifold.h"
#include "core/process/path.h"
#include "core/process/source.h"
#include "tests/conformance/kolmogorov.h"
#include "tests/conformance/process_case.h"

namespace genmatch {
namespace {

const std::string line1 = "{space: {type: euclidean, dim: 1}, source: normal, path: linear}";
const std::string plane = "{space: {type: euclidean, dim: 2}, source: normal, path: {type: linear, sigma_min: 0.05}}";
const std::string sphere = "{space: {type: sphere, dim: 2}, source: uniform, path: geodesic}";
const std::string torus = "{space: {type: torus, dim: 2}, source: uniform, path: {type: geodesic, schedule: cosine}}";

struct Setting {
  std::string name;
  std::vector<std::string> factors;
};
void PrintTo(const Setting& setting, std::ostream* out) { *out << setting.name; }

State points(const Factors& factors, int64_t n, Rng& rng) {
  State x;
  for (const Factor& f : factors) x.push_back(f.space->sample(n, rng, at::kDouble));
  return x;
}

Tensor times(int64_t n, double t) { return at::full({n}, t, at::kDouble); }

class ExactGeneratorOn : public ::testing::TestWithParam<Setting> {
 protected:
  const Factors factors = make_factors(GetParam().factors);
  Rng rng{23, "exact_generator_test"};
  const State data = points(factors, 7, rng);
  const ExactGenerator exact{factors, data, rng.uniform({7}, at::kDouble)};
};

// Riemannian divergence from along(): sum over an orthonormal basis.
Tensor divergence(const Generator& generator, const Factors& factors, const State& x, const Tensor& t) {
  Tensor total = at::zeros_like(t);
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Manifold& m = *factors[f].space->manifold();
    const Tensor basis = m.tangent_basis(x[f]);
    State z;
    for (std::size_t g = 0; g < x.size(); ++g) {
      Shape shape = x[g].sizes().vec();
      shape.insert(shape.begin(), basis.size(0));
      z.push_back(g == f ? basis : at::zeros(shape, x[g].options()));
    }
    const Linearised l = generator.along(x, t, z);
    for (int64_t k = 0; k < basis.size(0); ++k) {
      const Tensor moved = m.covariant(x[f], l.value[f].drift, basis[k], l.derivative[f][k]);
      total += m.inner(x[f], basis[k], moved);
    }
  }
  return total;
}

// d/dt ln p + <u, grad ln p> + div u = 0 at every point: ties at(), along() and log_density() together.
TEST_P(ExactGeneratorOn, SolvesTheContinuityEquationPointwise) {
  const double h = 1e-5;
  for (const double t : {0.1, 0.4, 0.7}) {
    const State x = exact.sample(200, t, rng);
    const Tensor now = times(200, t);
    State drift;
    for (const Coefficients& c : exact.at(x, now)) drift.push_back(c.drift.unsqueeze(0));
    const auto log_p = [&](const State& y) { return std::vector<Tensor>{exact.log_density(y, now)}; };
    const Tensor advected = jvp(log_p, x, drift).derivative[0][0];
    const Tensor changed = (exact.log_density(x, now + h) - exact.log_density(x, now - h)) / (2 * h);
    const Tensor residual = changed + advected + divergence(exact, factors, x, now);
    // Where the border of a data point's support passes within +-h the density jumps (tori): a set of measure O(h).
    EXPECT_LT(std::get<0>(residual.abs().sort())[197].item<double>(), 1e-4) << "t = " << t;
  }
}

TEST_P(ExactGeneratorOn, AlongAgreesWithDifferences) {
  const double h = 1e-6;
  const State x = exact.sample(20, 0.4, rng);
  const Tensor t = times(20, 0.4);
  State z, up, down;
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Manifold& m = *factors[f].space->manifold();
    Shape many = x[f].sizes().vec();
    many.insert(many.begin(), 2);
    z.push_back(m.to_tangent(x[f], rng.normal(many, at::kDouble)));
    up.push_back(m.exp(x[f], h * z[f][1]));
    down.push_back(m.exp(x[f], -h * z[f][1]));
  }
  const Linearised result = exact.along(x, t, z), by_default = exact.Generator::along(x, t, z);
  const auto above = exact.at(up, t), below = exact.at(down, t), here = exact.at(x, t);
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Tensor differences = (above[f].drift - below[f].drift) / (2 * h);
    EXPECT_TRUE(at::allclose(result.derivative[f][1], differences, 1e-4, 1e-4));
    EXPECT_TRUE(at::allclose(result.derivative[f], by_default.derivative[f], 1e-8, 1e-9));
    EXPECT_TRUE(at::allclose(result.value[f].drift, here[f].drift));
  }
}

TEST_P(ExactGeneratorOn, OneDataPointGivesItsConditionalProcess) {
  const State x1 = points(factors, 1, rng);
  const ExactGenerator single(factors, x1);
  const State x = single.sample(30, 0.6, rng);
  const Tensor t = times(30, 0.6);
  Tensor log_p = at::zeros_like(t);
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Tensor all = x1[f].expand(x[f].sizes());
    EXPECT_TRUE(at::allclose(single.at(x, t)[f].drift, factors[f].path->velocity(x[f], t, {}, all)));
    log_p = log_p + factors[f].path->log_density(x[f], t, x1[f]);
  }
  EXPECT_TRUE(at::allclose(single.log_density(x, t), log_p));
}

TEST_P(ExactGeneratorOn, AWeightOfThreeIsThreePoints) {
  State repeated;
  for (const Tensor& d : data) repeated.push_back(at::cat({d, d.slice(0, 2, 3), d.slice(0, 2, 3)}));
  const Tensor weights = at::tensor({1.0, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0}, at::kDouble);
  const ExactGenerator many(factors, repeated), weighted(factors, data, weights);
  const State x = many.sample(30, 0.3, rng);
  const Tensor t = times(30, 0.3);
  EXPECT_TRUE(at::allclose(many.log_density(x, t), weighted.log_density(x, t)));
  EXPECT_TRUE(at::allclose(many.at(x, t)[0].drift, weighted.at(x, t)[0].drift));
}

TEST_P(ExactGeneratorOn, EmptyAndOneRowBatches) {
  for (const int64_t n : {0, 1}) {
    const State x = exact.sample(n, 0.5, rng);
    State z;
    for (const Tensor& one : x) z.push_back(at::ones_like(one).unsqueeze(0));
    const Linearised result = exact.along(x, times(n, 0.5), z);
    EXPECT_EQ(exact.log_density(x, times(n, 0.5)).sizes(), at::IntArrayRef({n}));
    for (std::size_t f = 0; f < x.size(); ++f) {
      EXPECT_EQ(result.value[f].drift.sizes(), x[f].sizes());
      EXPECT_EQ(result.derivative[f].sizes(), z[f].sizes());
      EXPECT_EQ(exact.at(x, times(n, 0.5))[f].drift.sizes(), x[f].sizes());
    }
  }
}

TEST_P(ExactGeneratorOn, FiniteAtBothEnds) {
  const State x = points(factors, 40, rng);
  for (const double t : {0.0, 1 - 1e-9, 1.0}) {
    State z;
    for (const Tensor& one : x) z.push_back(at::ones_like(one).unsqueeze(0));
    const Linearised result = exact.along(x, times(40, t), z);
    for (std::size_t f = 0; f < x.size(); ++f) {
      EXPECT_TRUE(result.value[f].drift.isfinite().all().item<bool>()) << "t = " << t;
      EXPECT_TRUE(result.derivative[f].isfinite().all().item<bool>()) << "t = " << t;
    }
  }
}

TEST_P(ExactGeneratorOn, Float32AgreesWithFloat64) {
  State data32, x32;
  const State x = exact.sample(50, 0.4, rng);
  for (const Tensor& one : data) data32.push_back(one.to(at::kFloat));
  for (const Tensor& one : x) x32.push_back(one.to(at::kFloat));
  const ExactGenerator single(factors, data32), both(factors, data);
  const Tensor t = times(50, 0.4);
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Tensor drift = single.at(x32, t.to(at::kFloat))[f].drift;
    EXPECT_EQ(drift.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::allclose(drift.to(at::kDouble), both.at(x, t)[f].drift, 1e-3, 1e-3));
  }
  EXPECT_EQ(single.sample(3, 0.5, rng)[0].scalar_type(), at::kFloat);
}

// The explicit midpoint rule, with the second slope carried back to the start of the step.
State simulated(const Generator& generator, const Factors& factors, State x, double from, double to, int steps,
                double weight) {
  const double h = (to - from) / steps;
  for (int i = 0; i < steps; ++i) {
    const double t = from + i * h;
    const auto slope = generator.at(x, times(x[0].size(0), t));
    State middle;
    for (std::size_t f = 0; f < x.size(); ++f) {
      middle.push_back(factors[f].space->manifold()->exp(x[f], 0.5 * weight * h * slope[f].drift));
    }
    const auto halfway = generator.at(middle, times(x[0].size(0), t + 0.5 * h));
    for (std::size_t f = 0; f < x.size(); ++f) {
      const Manifold& m = *factors[f].space->manifold();
      x[f] = m.exp(x[f], weight * h * m.transport(middle[f], x[f], halfway[f].drift));
    }
  }
  return x;
}

// Two-sample z-tests of 32 functions at level 1e-4 (Bonferroni): at 1500 samples each the standard error is below
// 0.03, the discretisation error of 54 midpoint steps far smaller.
TEST_P(ExactGeneratorOn, SimulatedMarginalsMatchThePath) {
  const at::NoGradGuard no_gradient;
  const int64_t n = 1500;
  const TestFunctions f(spaces(factors), 32, rng);
  State x = exact.sample(n, 0, rng), wrong = x;
  double from = 0;
  for (const double to : {0.3, 0.6, 0.9}) {
    x = simulated(exact, factors, x, from, to, 18, 1);
    wrong = simulated(exact, factors, wrong, from, to, 5, -1);
    const Tensor expected = f(exact.sample(n, to, rng));
    EXPECT_FALSE(rejected(two_sample_scores(f(x), expected))) << "t = " << to;
    EXPECT_TRUE(to < 0.5 || rejected(two_sample_scores(f(wrong), expected))) << "no power at t = " << to;
    from = to;
  }
}

INSTANTIATE_TEST_SUITE_P(Spaces, ExactGeneratorOn,
                         ::testing::Values(Setting{"R2", {plane}}, Setting{"S2", {sphere}}, Setting{"T2", {torus}},
                                           Setting{"R1xS2", {line1, sphere}}),
                         [](const auto& info) { return info.param.name; });

// For x_t = t x1 + (1 - t) x0 with a normal x0, u = x / t + (1 - t) / t * score.
TEST(ExactGenerator, DriftFollowsFromTheScoreOnAGaussianPath) {
  const Factors factors = make_factors({line1});
  Rng rng(2, "score");
  const ExactGenerator exact(factors, {3 * rng.normal({9, 1}, at::kDouble)});
  const State x = exact.sample(100, 0.4, rng);
  const Tensor t = times(100, 0.4);
  const auto log_p = [&](const State& y) { return std::vector<Tensor>{exact.log_density(y, t)}; };
  const Tensor score = jvp(log_p, x, {at::ones({1, 100, 1}, at::kDouble)}).derivative[0][0].unsqueeze(1);
  EXPECT_TRUE(at::allclose(exact.at(x, t)[0].drift, x[0] / 0.4 + 0.6 / 0.4 * score, 1e-8, 1e-9));
}

// More data points than one block holds: the same as mixing two generators on halves of the data.
TEST(ExactGenerator, BlocksOfDataAreMixedRightly) {
  const Factors factors = make_factors({line1});
  Rng rng(2, "blocks");
  const Tensor data = 3 * rng.normal({140000, 1}, at::kDouble);
  const ExactGenerator all(factors, {data}), left(factors, {data.slice(0, 0, 70000)}),
      right(factors, {data.slice(0, 70000)});
  const State x{rng.normal({2, 1}, at::kDouble)}, z{at::ones({1, 2, 1}, at::kDouble)};
  const Tensor t = times(2, 0.6);
  const Tensor p = left.log_density(x, t).exp(), q = right.log_density(x, t).exp();
  EXPECT_TRUE(at::allclose(all.log_density(x, t).exp(), (p + q) / 2));
  const Tensor share = (p / (p + q)).unsqueeze(1);
  EXPECT_TRUE(
      at::allclose(all.at(x, t)[0].drift, share * left.at(x, t)[0].drift + (1 - share) * right.at(x, t)[0].drift));
  const double h = 1e-5;
  const Tensor differences = (all.at({x[0] + h}, t)[0].drift - all.at({x[0] - h}, t)[0].drift) / (2 * h);
  EXPECT_TRUE(at::allclose(all.along(x, t, z).derivative[0][0], differences, 1e-5, 1e-6));
}

int64_t peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// All pairs at once would take 64 MB for each of a dozen temporaries.
TEST(ExactGenerator, MemoryDoesNotGrowWithThePairs) {
  const Factors factors = make_factors({line1});
  Rng rng(2, "memory");
  const ExactGenerator exact(factors, {rng.normal({8192, 1}, at::kDouble)});
  const State x{rng.normal({1024, 1}, at::kDouble)};
  const int64_t before = peak_kilobytes();
  EXPECT_TRUE(exact.along(x, times(1024, 0.5), {at::ones({1, 1024, 1}, at::kDouble)})
                  .derivative[0]
                  .isfinite()
                  .all()
                  .item<bool>());
  EXPECT_LT(peak_kilobytes() - before, 100 * 1024);
}

TEST(ExactGenerator, TheNearestPointTakesOverWhereNoneReaches) {
  const Factors factors = make_factors({sphere});
  const Tensor data = at::tensor({1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0}, at::kDouble).reshape({3, 3});
  const ExactGenerator exact(factors, {data}, at::tensor({1.0, 1.0, 0.0}, at::kDouble));
  // Nearest to the third point, which weighs nothing; then to the second.
  const Tensor x = at::tensor({0.0, 0.6, 0.8}, at::kDouble).unsqueeze(0);
  const Tensor t = times(1, 0.99);
  EXPECT_EQ(exact.log_density({x}, t).item<double>(), -INFINITY);
  const Tensor expected = factors[0].path->velocity(x, t, {}, data.slice(0, 1, 2));
  EXPECT_TRUE(at::allclose(exact.at({x}, t)[0].drift, expected));
}

TEST(ExactGenerator, SharesOfKindsAddUp) {
  Factors factors = make_factors({sphere});
  Rng rng(2, "shares");
  const State data = points(factors, 5, rng), x = points(factors, 9, rng);
  const Tensor one = ExactGenerator(factors, data).at(x, times(9, 0.2))[0].drift;
  factors[0].generators = {{factors[0].generators[0].generator, 0.3}, {factors[0].generators[0].generator, 0.7}};
  EXPECT_TRUE(at::allclose(ExactGenerator(factors, data).at(x, times(9, 0.2))[0].drift, one));
}

TEST(ExactGenerator, NaNComesOutAsNaN) {
  const Factors factors = make_factors({line1});
  Rng rng(2, "nan");
  const ExactGenerator exact(factors, points(factors, 5, rng));
  const Tensor x = at::tensor({0.5, NAN}, at::kDouble).unsqueeze(1);
  const Tensor drift = exact.at({x}, times(2, 0.5))[0].drift;
  EXPECT_TRUE(drift[0].isfinite().item<bool>());
  EXPECT_TRUE(drift[1].isnan().item<bool>());
}

TEST(ExactGenerator, SamplesPickDataByWeight) {
  const Factors factors = make_factors({line1});
  const Tensor data = at::tensor({-1.0, 0.0, 1.0}, at::kDouble).unsqueeze(1);
  const ExactGenerator exact(factors, {data}, at::tensor({1.0, 0.0, 3.0}, at::kDouble));
  Rng rng(2, "pick");
  const Tensor x = exact.sample(20000, 1, rng)[0];
  EXPECT_EQ((x == 0).sum().item<int64_t>(), 0);
  const double sigma = std::sqrt(0.25 * 0.75 / 20000);
  EXPECT_NEAR((x == 1).to(at::kDouble).mean().item<double>(), 0.75, 4 * sigma);
}

TEST(ExactGenerator, RefusesWhatDoesNotFit) {
  const Factors factors = make_factors({line1, sphere});
  Rng rng(2, "refuse");
  const State data = points(factors, 5, rng);
  const auto make = [&](const State& d, const Tensor& w = {}) { ExactGenerator(factors, d, w); };
  EXPECT_NO_THROW(make(data));
  EXPECT_THROW(make({data[0]}), ContractError);
  EXPECT_THROW(make({data[0], data[0]}), ContractError);
  EXPECT_THROW(make({data[0].slice(0, 1), data[1]}), ContractError);
  EXPECT_THROW(make({data[0].slice(0, 0, 0), data[1].slice(0, 0, 0)}), ContractError);
  EXPECT_THROW(make({data[0] * NAN, data[1]}), ContractError);
  EXPECT_THROW(make(data, at::ones({4}, at::kDouble)), ContractError);
  EXPECT_THROW(make(data, at::zeros({5}, at::kDouble)), ContractError);
  EXPECT_THROW(make(data, at::arange(-1, 4, at::kDouble)), ContractError);
  EXPECT_THROW(make(data, at::full({5}, NAN, at::kDouble)), ContractError);
  EXPECT_THROW(make(data, at::full({5}, INFINITY, at::kDouble)), ContractError);
  const ExactGenerator exact(factors, data);
  EXPECT_THROW(exact.at({data[0]}, times(5, 0.5)), ContractError);
  EXPECT_THROW(exact.at(data, times(4, 0.5)), ContractError);
  EXPECT_THROW(exact.log_density(data, at::scalar_tensor(0.5, at::kDouble)), ContractError);
}

// A jump to a fixed place: its destinations have no mean over the data.
class Jump final : public ConditionalGenerator {
 public:
  Coefficients given(const Tensor& xt, const Tensor& t, const Tensor&, const Tensor& x1) const override {
    return {{}, {}, at::ones_like(t).unsqueeze(1), x1.unsqueeze(1).expand({xt.size(0), 1, xt.size(1)})};
  }
  Coefficients from_output(const Tensor&, const Tensor&, const Tensor&) const override { return {}; }
  Tensor from_output_jvp(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&) const override {
    return {};
  }
  Head head() const override { return {0}; }
  Role role() const override { return Role::carries; }
};

TEST(ExactGenerator, RefusesJumpsWithDestinations) {
  Factors factors = make_factors({line1});
  factors[0].generators = {{std::make_shared<Jump>(), 1.0}};
  const Tensor data = at::zeros({2, 1}, at::kDouble);
  EXPECT_THROW(ExactGenerator(factors, {data}).at({data}, times(2, 0.5)), ContractError);
}

}  // namespace
}  // namespace genmatch
