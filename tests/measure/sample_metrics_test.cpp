// Metrics that compare samples with test rows, where the answer is known.
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

const at::TensorOptions kFloat64 = at::TensorOptions(at::kDouble);

const std::vector<std::string> all_metrics{"w1", "w2", "sliced_w2", "energy_distance", "mmd"};

Estimate value(const std::string& metric, Bench& bench, const GeneratorPtr& generator) {
  Evaluation evaluation = bench.evaluation(generator, kFloat64);
  return chosen<MetricChoice>(metric).make()->value(evaluation);
}
// Of samples that stay where they were drawn.
Estimate value(const std::string& metric, Bench& bench) { return value(metric, bench, std::make_shared<LinearFlow>()); }

// A bench of n samples and n test rows, those drawn from N(0, I) and then moved.
Bench moved(int64_t dim, int64_t n, const Tensor& shift, const Tensor& scale) {
  Bench bench({"{type: euclidean, dim: " + std::to_string(dim) + "}"}, "{type: euler, steps: 1}");
  bench.options.samples = n;
  bench.fill(0, 0, n);
  bench.splits.test.x[0] = bench.splits.test.x[0] * scale + shift;
  return bench;
}
Bench shifted(int64_t dim, int64_t n, double shift) {
  Tensor by = at::zeros({dim}, kFloat64);
  by[0] = shift;
  return moved(dim, n, by, at::ones({dim}, kFloat64));
}

TEST(WassersteinTest, OfShiftedPointsIsTheShift) {
  Bench bench = shifted(3, 50, 0);
  const Tensor samples = bench.evaluation(std::make_shared<LinearFlow>(), kFloat64).samples()[0];
  bench.splits.test.x[0] = (samples + at::tensor({0.6, 0., -0.8}, at::kDouble)).flip(0);
  EXPECT_NEAR(value("w1", bench).mean, 1, 1e-12);
  EXPECT_NEAR(value("w2", bench).mean, 1, 1e-12);
  EXPECT_EQ(value("w2", bench).n, 50);
}

TEST(WassersteinTest, OfGaussians) {
  const Tensor shift = at::tensor({5., 0.}, at::kDouble), scale = at::tensor({2., 0.5}, at::kDouble);
  Bench bench = moved(2, 1000, shift, scale);
  const Estimate w2 = value("w2", bench);
  EXPECT_NEAR(w2.mean, std::sqrt(25 + 1 + 0.25), 4 * w2.sem + 0.01);  // and a bias of a tenth in the square at most
  EXPECT_LT(w2.sem, 0.1);
}

TEST(WassersteinTest, TakesTheDistanceOfTheSpace) {
  Bench bench({"{type: torus, dim: 1}", "{type: euclidean, dim: 1}"});
  const Spaces all = spaces(bench.factors);
  // Over the seam from 3 to -3 it is 2 pi - 6.
  const State a{at::full({1, 1}, 3., kFloat64), at::full({1, 1}, 1., kFloat64)};
  const State b{at::full({1, 1}, -3., kFloat64), at::full({1, 1}, 2., kFloat64)};
  EXPECT_NEAR(distances(all, a, b).item<double>(), std::hypot(2 * M_PI - 6, 1), 1e-12);
}

TEST(WassersteinTest, DistancesInBlocks) {
  Bench bench({"{type: euclidean, dim: 3}"});
  const Tensor a = Rng(1, "a").normal({900, 3}, kFloat64), b = Rng(1, "b").normal({5000, 3}, kFloat64);
  EXPECT_TRUE(at::allclose(distances(spaces(bench.factors), {a}, {b}), at::cdist(a, b, 2, 2), 0, 1e-12));
}

// Sorting against the assignment.
TEST(SlicedWassersteinTest, OnALineIsW2) {
  Bench bench = moved(1, 200, at::tensor({0.3}, at::kDouble), at::tensor({1.5}, at::kDouble));
  const Estimate sliced = value("{type: sliced_w2, projections: 3}", bench), w2 = value("w2", bench);
  EXPECT_NEAR(sliced.mean, w2.mean, 1e-12);
  EXPECT_NEAR(sliced.sem, w2.sem, 0.1 * w2.sem);  // potentials are unique but for the gaps between points
}

TEST(SlicedWassersteinTest, OfShiftedGaussians) {
  Bench bench = shifted(4, 2000, 6);
  const Estimate e = value("{type: sliced_w2, projections: 2000}", bench);
  // Mean of (shift . direction)^2 over the sphere in R^4 is shift^2 / 4, its deviation 1 / sqrt(4) of shift^2 /
  // sqrt(4).
  EXPECT_NEAR(e.mean, 3, 4 * std::hypot(e.sem, 36 * 0.25 / std::sqrt(2000.) / 6) + 0.01);
}

double mean_absolute(double mean, double variance) {
  return std::sqrt(2 * variance / M_PI) * std::exp(-mean * mean / (2 * variance)) +
         mean * std::erf(mean / std::sqrt(2 * variance));
}

TEST(EnergyDistanceTest, OfShiftedGaussians) {
  Bench bench = shifted(1, 2000, 0.7);
  const Estimate e = value("energy_distance", bench);
  EXPECT_NEAR(e.mean, 2 * mean_absolute(0.7, 2) - 2 * mean_absolute(0, 2), 4 * e.sem);
  EXPECT_LT(e.sem, 0.03);
}

TEST(MmdTest, OfShiftedGaussians) {
  Bench bench = shifted(3, 1000, 1);
  const Estimate e = value("{type: mmd, bandwidths: [0.5, 2]}", bench);
  double expected = 0;
  for (const double b2 : {0.25, 4.}) expected += std::pow(b2 / (b2 + 2), 1.5) * (1 - std::exp(-0.5 / (b2 + 2)));
  EXPECT_NEAR(e.mean, expected, 4 * e.sem);  // mean over two kernels of 2 (k(0) - k(shift)) in closed form
  EXPECT_LT(e.sem, expected / 5);
}

TEST(KernelMetrics, AreUnbiasedForEqualLaws) {
  for (const char* metric : {"energy_distance", "mmd"}) {
    Tensor values = at::empty({200}, kFloat64);
    for (int64_t i = 0; i < 200; ++i) {
      Bench bench = shifted(2, 20, 0);
      bench.seed = static_cast<uint64_t>(i);
      bench.fill(0, 0, 20);
      values[i] = value(metric, bench).mean;
    }
    const Estimate e = estimate(values);
    EXPECT_NEAR(e.mean, 0, 4 * e.sem) << metric;
    EXPECT_LT(e.sem, 0.02) << metric;
  }
}

TEST(SampleMetrics, WorkOnProductsOfManifolds) {
  for (const char* metric : {"w1", "w2", "energy_distance", "mmd"}) {
    Bench bench({"{type: sphere, dim: 2}", "{type: torus, dim: 2}", "{type: euclidean, dim: 1}"});
    bench.fill(0, 0, 100);
    const Estimate same = value(metric, bench);
    bench.splits.test.x[0].copy_(at::tensor({0., 0., 1.}, at::kDouble));
    const Estimate pole = value(metric, bench);
    EXPECT_GT(pole.mean, same.mean + 4 * std::hypot(same.sem, pole.sem)) << metric;
  }
  const auto sliced = chosen<MetricChoice>("sliced_w2").make();
  EXPECT_THROW(sliced->check({make_space("{type: euclidean, dim: 2}"), make_space("{type: torus, dim: 2}")}),
               OptionError);
  EXPECT_NO_THROW(sliced->check({make_space("{type: euclidean, dim: 2}"), make_space("{type: euclidean, dim: 1}")}));
}

TEST(SampleMetrics, TakeAsManyOfBothAsTheyMay) {
  for (const std::string& metric : all_metrics) {
    Bench bench = shifted(2, 40, 0);
    bench.options.samples = 30;
    EXPECT_EQ(value(metric, bench).n, 30) << metric;
    EXPECT_EQ(value("{type: " + metric + ", points: 10}", bench).n, 10) << metric;
  }
}

// Leaves the finite numbers.
class Failing final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor&) const override {
    Coefficients c;
    c.drift = x[0] * NAN;
    return {c};
  }
};

TEST(SampleMetrics, RefuseWhatIsMissing) {
  for (const std::string& metric : all_metrics) {
    Bench bench = shifted(2, 10, 0);
    EXPECT_THROW(value(metric, bench, std::make_shared<Failing>()), NumericalError) << metric;
    bench.fill(0, 0, 1);
    EXPECT_THROW(value(metric, bench), DataError) << metric;
  }
  EXPECT_THROW(chosen<MetricChoice>("{type: mmd, bandwidths: [1, 0]}").make(), ConfigError);
}

}  // namespace
}  // namespace genmatch
