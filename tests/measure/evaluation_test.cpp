#include "core/measure/evaluation.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const at::TensorOptions kFloat64 = at::TensorOptions(at::kDouble);
const at::TensorOptions kFloat32 = at::TensorOptions(at::kFloat);

// Leaves the finite numbers for points right of x = 3.
class Cliff final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor&) const override {
    Coefficients c;
    c.drift = at::where(x[0] > 3, at::full_like(x[0], NAN), x[0] * 0);
    return {c};
  }
};

// Carries N(0, 1) to N(0, 4) along straight lines.
class Widening final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    const Tensor rate = (4 * t - (1 - t)) / (4 * t * t + (1 - t) * (1 - t));
    return {{rate.unsqueeze(1) * x[0], {}, {}, {}}};
  }
};

TEST(EstimateTest, KnownAnswer) {
  const Estimate e = estimate(at::tensor({1.0, 2.0, 3.0, 4.0}, at::kDouble));
  EXPECT_DOUBLE_EQ(e.mean, 2.5);
  EXPECT_NEAR(e.sem, std::sqrt(5.0 / 3.0) / 2, 1e-15);
  EXPECT_EQ(e.n, 4);
}

TEST(EstimateTest, FewValues) {
  const Estimate one = estimate(at::tensor({7.0}, at::kDouble)), none = estimate(at::zeros({0}, at::kDouble));
  EXPECT_EQ(one.mean, 7);
  EXPECT_TRUE(std::isnan(one.sem));
  EXPECT_TRUE(std::isnan(none.mean));
  EXPECT_EQ(none.n, 0);
}

TEST(EstimateTest, RowsThatRepeatTellNoMore) {
  const Tensor x = at::tensor({1.0, 2.0, 4.0}, at::kDouble), copies = at::arange(3, at::kLong).repeat({4});
  const Estimate once = estimate(x), four_times = estimate(x.repeat({4}), copies);
  EXPECT_NEAR(four_times.mean, once.mean, 1e-14);
  EXPECT_NEAR(four_times.sem, once.sem, 1e-14);
  EXPECT_EQ(four_times.n, 12);
  EXPECT_NEAR(estimate(x, at::tensor({7, 5, 9}, at::kLong)).sem, once.sem, 1e-14) << "each row its own group";
  EXPECT_TRUE(std::isnan(estimate(x, at::zeros({3}, at::kLong)).sem));
  EXPECT_THROW(estimate(x, at::zeros({2}, at::kLong)), ContractError);
}

// Of autoregressive chains x' = a x + noise of different lengths; without groups the error is too small by about
// sqrt((1 + a) / (1 - a)) = 3.
TEST(EstimateTest, ErrorOfCorrelatedRowsIsTheirScatter) {
  constexpr int64_t chains = 40, longest = 20, trials = 300;
  const double a = 0.8;
  Rng rng(3, "chains");
  const Tensor length = at::arange(chains, at::kLong).remainder(longest) + 1;
  const Tensor used = at::arange(longest, at::kLong).unsqueeze(1) < length;  // [draws, chains]
  const Tensor group = at::arange(chains, at::kLong).expand({longest, chains}).masked_select(used);
  Tensor means = at::empty({trials}, kFloat64), variances = at::empty({trials}, kFloat64), naive = variances.clone();
  for (int64_t i = 0; i < trials; ++i) {
    std::vector<Tensor> x{rng.normal({chains}, kFloat64)};
    while (x.size() < longest) x.push_back(a * x.back() + std::sqrt(1 - a * a) * rng.normal({chains}, kFloat64));
    const Tensor rows = at::stack(x).masked_select(used);
    const Estimate e = estimate(rows, group);
    means[i] = e.mean;
    variances[i] = e.sem * e.sem;
    naive[i] = std::pow(estimate(rows).sem, 2);
  }
  // The variance of 300 means is known to sqrt(2 / 299) = 8 %; that within groups falls short by the share of the
  // largest group, about 1 / 20.
  const double scatter = means.var().item<double>();
  EXPECT_NEAR(variances.mean().item<double>() / scatter, 1, 4 * 0.082 + 0.05);
  EXPECT_LT(naive.mean().item<double>() / scatter, 0.4);
}

TEST(EvaluationTest, IdentityFlowKeepsTheUniformDensity) {
  for (int64_t rows : {0, 1, 5}) {
    Bench bench({"{type: sphere, dim: 2}", "{type: torus, dim: 3}"});
    bench.options.batch = 2;
    bench.fill(0, 0, rows);
    Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), kFloat64);
    const Tensor got = evaluation.test_log_density();
    ASSERT_EQ(got.sizes(), (Shape{rows}));
    EXPECT_TRUE(at::allclose(got, at::full({rows}, -std::log(4 * M_PI) - 3 * std::log(2 * M_PI), kFloat64)));
  }
}

TEST(EvaluationTest, LinearFlowInFloat32GivesItsGaussian) {
  Bench bench({"{type: euclidean, dim: 2}"});
  bench.fill(0, 0, 50);
  const double a = 0.4, b = -0.7;
  Evaluation evaluation =
      bench.evaluation(std::make_shared<LinearFlow>(at::diag(at::tensor({a, b}, at::kDouble))), kFloat32);
  const Tensor x = bench.splits.test.x[0] / at::tensor({std::exp(a), std::exp(b)}, at::kDouble);
  const Tensor expected = -x.square().sum(1) / 2 - std::log(2 * M_PI) - a - b;
  EXPECT_EQ(evaluation.test_log_density().scalar_type(), at::kDouble);
  EXPECT_TRUE(at::allclose(evaluation.test_log_density(), expected, 0, 2e-5));
}

TEST(EvaluationTest, BatchesDoNotChangeValues) {
  const auto matrix = at::tensor({0.3, -1.0, 1.0, 0.2}, at::kDouble).reshape({2, 2});
  std::vector<Tensor> values;
  for (int64_t batch : {3, 1000}) {
    Bench bench({"{type: euclidean, dim: 2}"});
    bench.options.batch = batch;
    bench.fill(0, 0, 10);
    values.push_back(bench.evaluation(std::make_shared<LinearFlow>(matrix), kFloat64).test_log_density());
  }
  EXPECT_TRUE(at::allclose(values[0], values[1], 0, 1e-12));
}

TEST(EvaluationTest, SamplesOfAnotherProcessHaveTheDensityOfTheFlow) {
  Bench bench({"{type: euclidean, dim: 1}"}, "{type: rk4, steps: 100}");
  Factor& factor = bench.factors[0];
  factor.path = chosen<PathChoice>("linear").make(factor.space, factor.source);
  bench.options.samples = 4000;
  bench.options.batch = 3000;
  bench.options.process = chosen<SamplerChoice>("{type: sde, stepper: {type: euler, steps: 200}}");
  Evaluation evaluation = bench.evaluation(std::make_shared<Widening>(), kFloat64);
  const Tensor x = evaluation.samples()[0];
  EXPECT_NEAR(x.var().item<double>(), 4, 5 * 4 * std::sqrt(2. / 4000));
  const Tensor expected = -x.select(1, 0).square() / 8 - std::log(2.) - std::log(2 * M_PI) / 2;
  EXPECT_TRUE(at::allclose(evaluation.sample_log_density(), expected, 0, 1e-5));
  EXPECT_TRUE(std::is_sorted(bench.observer.fractions.begin(), bench.observer.fractions.end()));
  bench.options.process = chosen<SamplerChoice>("ode");
  EXPECT_FALSE(at::allclose(bench.evaluation(std::make_shared<Widening>(), kFloat64).samples()[0], x, 0, 0.1));
}

TEST(EvaluationTest, TellsTheObserver) {
  Bench bench({"{type: euclidean, dim: 1}"});
  bench.options.batch = 4;
  bench.fill(0, 0, 10);
  bench.evaluation(std::make_shared<LinearFlow>(), kFloat64).test_log_density();
  EXPECT_THAT(bench.observer.stages, ElementsAre("test likelihood"));
  const auto& fractions = bench.observer.fractions;
  EXPECT_GT(fractions.size(), 20u);
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_DOUBLE_EQ(fractions.back(), 1);
  EXPECT_TRUE(bench.observer.warnings.empty());
}

TEST(EvaluationTest, StopsWhenAsked) {
  Bench bench({"{type: euclidean, dim: 1}"});
  bench.fill(0, 0, 10);
  bench.observer.stop = true;
  Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), kFloat64);
  EXPECT_THROW(evaluation.test_log_density(), Interrupted);
  EXPECT_THROW(evaluation.samples(), Interrupted);
}

TEST(EvaluationTest, FailedRowsAreNanAndCounted) {
  Bench bench({"{type: euclidean, dim: 1}"});
  bench.options.batch = 2;
  bench.splits.test.x = {at::tensor({0.0, 5.0, 1.0, 6.0, 7.0}, at::kDouble).unsqueeze(1)};
  Evaluation evaluation = bench.evaluation(std::make_shared<Cliff>(), kFloat64);
  const Tensor failed = evaluation.test_log_density().isnan();
  EXPECT_TRUE(failed.equal(at::tensor({0, 1, 0, 1, 1}, at::kLong).to(at::kBool)));
  ASSERT_EQ(bench.observer.warnings.size(), 1u);
  EXPECT_THAT(bench.observer.warnings[0], HasSubstr("test likelihood: 3 of 5 rows could not be solved"));
  EXPECT_THAT(bench.observer.warnings[0], HasSubstr("3 left the finite numbers"));
}

TEST(EvaluationTest, SamplesHaveTheirDensities) {
  const auto matrix = at::tensor({0.3, -1.0, 1.0, 0.2}, at::kDouble).reshape({2, 2});
  Bench bench({"{type: euclidean, dim: 2}", "{type: sphere, dim: 2}"}, "{type: rk4, steps: 60}");
  bench.options.batch = 30;
  Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(matrix), kFloat64);
  const State& x = evaluation.samples();
  ASSERT_EQ(x.size(), 2u);
  EXPECT_EQ(x[0].sizes(), (Shape{100, 2}));
  EXPECT_EQ(x[1].sizes(), (Shape{100, 3}));
  EXPECT_TRUE(at::allclose(evaluation.sample_log_density(), evaluation.log_density(x, "again"), 0, 1e-6));
  // Batches draw from different streams.
  EXPECT_FALSE(x[0].narrow(0, 0, 30).equal(x[0].narrow(0, 30, 30)));
}

TEST(EvaluationTest, FailedSamplesAreNan) {
  Bench bench({"{type: euclidean, dim: 1}"});
  bench.options.samples = 5000;  // 6.7 of them start beyond the cliff on average
  Evaluation evaluation = bench.evaluation(std::make_shared<Cliff>(), kFloat64);
  const Tensor failed = evaluation.samples()[0].isnan().squeeze(1);
  EXPECT_GT(failed.sum().item<int64_t>(), 0);
  EXPECT_LT(failed.sum().item<int64_t>(), 30);
  EXPECT_TRUE(failed.equal(evaluation.sample_log_density().isnan()));
  EXPECT_EQ(bench.observer.warnings.size(), 1u);
}

TEST(EvaluationTest, RefusesAnotherNumberOfFactors) {
  Bench bench({"{type: euclidean, dim: 1}"});
  Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), kFloat64);
  EXPECT_THROW(evaluation.log_density({}, "none"), ContractError);
}

TEST(NllTest, NeverDropsARow) {
  const auto nll = chosen<MetricChoice>("nll").make();
  Bench bench({"{type: euclidean, dim: 1}"});
  bench.splits.test.x = {at::tensor({0.0, 5.0}, at::kDouble).unsqueeze(1)};
  Evaluation cliff = bench.evaluation(std::make_shared<Cliff>(), kFloat64);
  EXPECT_THROW(nll->value(cliff), NumericalError);
  bench.fill(0, 0, 0);
  Evaluation empty = bench.evaluation(std::make_shared<LinearFlow>(), kFloat64);
  EXPECT_THROW(nll->value(empty), DataError);
}

TEST(NllTest, OfARowWithoutDensityIsInfinite) {
  // e^800 is beyond the doubles: the density under N(0, 1) of a point that far out is zero.
  const auto nll = chosen<MetricChoice>("nll").make();
  Bench bench({"{type: euclidean, dim: 1}"}, "{type: euler, steps: 2}");
  bench.splits.test.x = {at::tensor({0.0, 1e200}, at::kDouble).unsqueeze(1)};
  Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), kFloat64);
  EXPECT_EQ(nll->value(evaluation).mean, INFINITY);
  EXPECT_EQ(bench.observer.warnings.size(), 1u);
}

TEST(NllTest, StandardErrorContainsHutchinsonsNoise) {
  const auto nll = chosen<MetricChoice>("nll").make();
  const auto flow = std::make_shared<LinearFlow>(at::tensor({0.3, -1.2, 0.4, -0.2}, at::kDouble).reshape({2, 2}));
  constexpr int64_t n = 200;
  for (const DivergenceOptions& divergence : {DivergenceOptions{}, DivergenceOptions{"hutchinson", 1, "rademacher"},
                                              DivergenceOptions{"hutchinson", 2, "gaussian"}}) {
    Tensor means = at::empty({n}, kFloat64), variances = at::empty({n}, kFloat64);
    for (int64_t i = 0; i < n; ++i) {
      Bench bench({"{type: euclidean, dim: 2}"}, "{type: rk4, steps: 8}");
      bench.seed = static_cast<uint64_t>(i);
      bench.options.divergence = divergence;
      bench.fill(0, 0, 60);
      Evaluation evaluation = bench.evaluation(flow, kFloat64);
      const Estimate e = nll->value(evaluation);
      means[i] = e.mean;
      variances[i] = e.sem * e.sem;
    }
    // The variance of n values has a relative standard error of sqrt(2 / (n - 1)) about theirs.
    const double ratio = means.var().item<double>() / variances.mean().item<double>();
    EXPECT_NEAR(ratio, 1, 4 * std::sqrt(2.0 / (n - 1))) << divergence.type;
  }
}

}  // namespace
}  // namespace genmatch
