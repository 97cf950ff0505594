#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "equivariant/statistics/histogram.h"
#include "equivariant/statistics/importance.h"
#include "tests/measure/helpers.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr double kLogTwoPi = 1.83787706640934548356;

// A flow whose law is normal with variance s in every direction of the (4 - 1) 2 = 6.
Estimate measured(const std::string& metric, double s, uint64_t seed, int64_t samples = 2000) {
  Bench bench({"{type: point_cloud, particles: 4, dim: 2}"}, "{type: rk4, steps: 3}");
  bench.seed = seed;
  bench.options.samples = samples;
  bench.fill(0, 0, samples);
  Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(0.5 * std::log(s) * at::eye(2, at::kDouble)),
                                           at::TensorOptions(at::kDouble));
  return chosen<MetricChoice>(metric).make()->value(evaluation);
}

const std::string kNormalTarget = ", energy: {potential: none}}";

// For a normal target of variance 1 and samples of variance s the share is (sqrt(2 s - 1) / s) for each dimension.
TEST(EffectiveSampleSize, OfNormalLawsIsKnown) {
  EXPECT_NEAR(measured("{type: ess" + kNormalTarget, 1, 1).mean, 100, 1e-6);
  const double s = 1.4, expected = 100 * std::pow(std::sqrt(2 * s - 1) / s, 6);
  Tensor means = at::empty({30}, at::kDouble), errors = at::empty({30}, at::kDouble);
  for (int64_t i = 0; i < 30; ++i) {
    const Estimate e = measured("{type: ess" + kNormalTarget, s, static_cast<uint64_t>(i));
    means[i] = e.mean;
    errors[i] = e.sem;
  }
  const double sem = means.std().item<double>() / std::sqrt(30.);
  EXPECT_NEAR(means.mean().item<double>(), expected, 4 * sem);
  EXPECT_LT(sem, 0.3);
  // The scatter of 30 values is known to 13 %.
  EXPECT_NEAR(errors.mean().item<double>() / means.std().item<double>(), 1, 0.5);
}

// Z is (2 pi)^3.
TEST(FreeEnergy, OfANormalLawIsKnown) {
  const double expected = -3 * kLogTwoPi;
  EXPECT_NEAR(measured("{type: free_energy" + kNormalTarget, 1, 1).mean, expected, 1e-6);
  Tensor deviations = at::empty({30}, at::kDouble);
  for (int64_t i = 0; i < 30; ++i) {
    const Estimate e = measured("{type: free_energy" + kNormalTarget, 1.4, static_cast<uint64_t>(100 + i));
    deviations[i] = (e.mean - expected) / e.sem;
  }
  EXPECT_NEAR(deviations.mean().item<double>(), 0, 4 / std::sqrt(30.));
  EXPECT_NEAR(deviations.std().item<double>(), 1, 0.5);
}

// Values of repeated measurements beside the truth: (mean deviation, scatter) in units of the stated errors.
std::pair<double, double> in_errors(const std::string& metric, double s, double truth, uint64_t first) {
  constexpr int64_t n = 30;
  Tensor deviations = at::empty({n}, at::kDouble);
  for (int64_t i = 0; i < n; ++i) {
    const Estimate e = measured(metric, s, first + static_cast<uint64_t>(i));
    deviations[i] = (e.mean - truth) / e.sem;
  }
  return {deviations.mean().item<double>(), deviations.std().item<double>()};
}

// Under the standard normal of 6 dimensions E = |x|^2 / 2 is gamma distributed: its mean and its variance are 3, and
// the mean of |x_i|^2 is 6 / 4. The samples have another variance, 1.3, for which these would be 3.9, 5.07 and 1.95.
TEST(Observables, OfSamplesOfAnotherLawAreThoseOfTheTarget) {
  const std::pair<const char*, double> known[] = {{"mean_energy", 3}, {"energy_variance", 3}, {"squared_radius", 1.5}};
  for (const auto& [name, truth] : known) {
    const std::string metric = "{type: " + std::string(name) + kNormalTarget;
    const auto [off, scatter] = in_errors(metric, 1.3, truth, 200);
    EXPECT_NEAR(off, 0, 4 / std::sqrt(30.)) << name;
    EXPECT_NEAR(scatter, 1, 0.5) << name;
    EXPECT_LT(measured(metric, 1.3, 1).sem, 0.1 * truth) << name;
    EXPECT_GT(measured(metric, 1.3, 1).sem, 0.003 * truth) << name;
  }
}

// Z of a trap of strength k is (2 pi / k)^3.
TEST(FreeEnergyDifference, OfTrapsIsKnown) {
  for (const double k : {0.8, 1.5}) {
    const std::string metric =
        "{type: free_energy_difference, to: {potential: none, trap: " + std::to_string(k) + "}" + kNormalTarget;
    const auto [off, scatter] = in_errors(metric, 1.3, 3 * std::log(k), 300);
    EXPECT_NEAR(off, 0, 4 / std::sqrt(30.)) << k;
    EXPECT_NEAR(scatter, 1, 0.5) << k;
    EXPECT_LT(measured(metric, 1.3, 1).sem, 0.1) << k;
  }
  EXPECT_THROW(measured("{type: free_energy_difference" + kNormalTarget, 1, 1), ConfigError) << "to what?";
}

// Beside the weighted samples the test rows say the same of their own law, here the standard normal.
TEST(Observables, OfTheTestRowsStandBeside) {
  Bench bench({"{type: point_cloud, particles: 4, dim: 2}"}, "{type: rk4, steps: 3}");
  bench.fill(0, 0, 2000);
  Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), at::kDouble);
  const auto data = [&](const std::string& metric) {
    return chosen<MetricChoice>(metric + kNormalTarget).make()->beside(evaluation).at("data");
  };
  const std::pair<std::string, double> known[] = {
      {"{type: mean_energy", 3},
      {"{type: energy_variance", 3},
      {"{type: squared_radius", 1.5},
      {"{type: free_energy_difference, to: {potential: none, trap: 1.2}", 3 * std::log(1.2)}};
  for (const auto& [metric, truth] : known) {
    EXPECT_NEAR(data(metric).mean, truth, 4 * data(metric).sem) << metric;
    EXPECT_LT(data(metric).sem, 0.1 * truth) << metric;
  }
  // Rows that come in copies are worth fewer.
  const double alone = data("{type: mean_energy").sem;
  bench.splits.test.group = at::arange(2000, at::kLong).div(100, "floor");
  EXPECT_NEAR(data("{type: mean_energy").sem, alone, 4 * 0.16 * alone) << "these are independent";
  bench.splits.test.x[0].copy_(bench.splits.test.x[0].index_select(0, bench.splits.test.group));
  EXPECT_GT(data("{type: mean_energy").sem, 5 * alone) << "100 copies of each of 20: 10 times, known to 16 %";
}

// Where the solver failed there is a NaN and no weight.
TEST(Weighted, RowsThatFailedDoNotCount) {
  const Tensor log_weight = at::tensor({0., -INFINITY, std::log(3.)}, at::kDouble);
  const Tensor values = at::tensor({1., std::nan(""), 5.}, at::kDouble);
  Rng rng(1, "weighted");
  EXPECT_NEAR(weighted_mean(log_weight, values, 2, rng).mean, 4, 1e-14);
  EXPECT_NEAR(weighted_variance(log_weight, values, 2, rng).mean, 3, 1e-14);
  EXPECT_NEAR(free_energy_difference(log_weight, values, 2, rng).mean, -std::log((std::exp(1.) + 3 * std::exp(5.)) / 4),
              1e-12);
}

TEST(EnergyDistance, GrowsWithTheDifferenceOfTheEnergies) {
  const std::string metric = "{type: energy_w1" + kNormalTarget;
  const Estimate same = measured(metric, 1, 1), other = measured(metric, 1.5, 1);
  EXPECT_LT(same.mean, 0.2);
  // Energies are s chi-squared(6) / 2: stochastically ordered, so that W_1 is the difference of the means, 3 (s - 1).
  EXPECT_NEAR(other.mean, 1.5, 4 * other.sem);
  EXPECT_LT(other.sem, 0.1);
}

TEST(Nll, BothConventionsDifferByTheNormaliser) {
  const Estimate full = measured("nll", 1.2, 3, 100), published = measured("nll_without_normaliser", 1.2, 3, 100);
  EXPECT_NEAR(full.mean - published.mean, 3 * kLogTwoPi, 1e-10);
  EXPECT_NEAR(full.sem, published.sem, 1e-12);
}

// Ten copies of each of 50 test rows, with and without word of it.
TEST(StandardErrors, OfRowsThatDependOnEachOtherAreThoseOfTheirGroups) {
  constexpr int64_t groups = 50, copies = 10;
  Bench bench({"{type: point_cloud, particles: 4, dim: 2}"}, "{type: rk4, steps: 3}");
  bench.options.samples = groups * copies;
  bench.fill(0, 0, groups * copies);
  const Tensor group = at::arange(groups * copies, at::kLong).div(copies, "floor");
  bench.splits.test.x[0] = bench.splits.test.x[0].index_select(0, group);
  const auto errors = [&](const std::string& metric) {
    const auto measure = [&](const Tensor& known) {
      bench.splits.test.group = known;
      Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), at::kDouble);
      return chosen<MetricChoice>(metric).make()->value(evaluation).sem;
    };
    return std::pair{measure({}), measure(group)};
  };
  for (const char* metric : {"nll", "nll_without_normaliser"}) {
    const auto [naive, right] = errors(metric);
    // (n - 1) / n of 500 rows and of 50 groups.
    EXPECT_NEAR(right / naive, std::sqrt(copies * (499 / 500.) / (49 / 50.)), 1e-6) << metric;
  }
  // A jackknife of 20 parts is known to 16 %.
  const auto [naive, right] = errors("{type: energy_w1" + kNormalTarget);
  EXPECT_GT(right, 1.3 * naive);
}

// A straight flow x e^{t a} has paths of the length |x_1 - x_0|.
TEST(PathLength, OfStraightPaths) {
  const double s = 2, stretch = std::sqrt(s) - 1;
  // The mean of |x| in 6 dimensions is sqrt(2) Gamma(7/2) / Gamma(3).
  const double expected = stretch * std::sqrt(2.) * std::tgamma(3.5) / std::tgamma(3.);
  const Estimate e = measured("path_length", s, 5);
  EXPECT_NEAR(e.mean, expected, 4 * e.sem + 1e-4);
  EXPECT_LT(e.sem, 0.02);
}

TEST(Histogram, HoldsTheSharesOfTheCells) {
  const Tensor x = at::tensor({0.1, 0.2, 0.6, 1.5, -3., std::nan("")}, at::kDouble);
  EXPECT_TRUE(near(histogram(x, {}, 0, 2, 4), at::tensor({2., 1., 0., 1.}, at::kDouble) / (5 * 0.5), 1e-12));
  const Tensor w = at::tensor({1., 1., 2., 4., 0., 9.}, at::kDouble);
  EXPECT_TRUE(near(histogram(x, w, 0, 2, 4), at::tensor({2., 2., 0., 4.}, at::kDouble) / (8 * 0.5), 1e-12));
  EXPECT_TRUE(near(cell_centres(0, 2, 4), at::tensor({0.25, 0.75, 1.25, 1.75}, at::kDouble), 1e-12));
}

TEST(TargetEnergy, HasToBeKnown) {
  Bench bench({"{type: point_cloud, particles: 4, dim: 2}"});
  const Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), at::kDouble);
  EXPECT_THROW(target_energy({}, evaluation, "ess"), OptionError);
  EXPECT_EQ(target_energy({"none", 1, {}}, evaluation, "ess").particles(), 4);
}

// Before training, and of figures too.
TEST(TargetEnergy, IsAskedForBeforeAnythingIsComputed) {
  const Bench bench({"{type: point_cloud, particles: 4, dim: 2}"});
  const Spaces all = spaces(bench.factors);
  FigureContext context;
  context.data = chosen<DatasetChoice>("{type: npy, file: x.npy, format: projected}").make({all, ".", {}});
  const auto check = [&](const std::string& metric) { chosen<MetricChoice>(metric).make()->check_data(all, context); };
  for (const char* name : {"ess", "free_energy", "energy_w1", "mean_energy", "energy_variance"}) {
    EXPECT_THROW(check(name), OptionError) << name;
    EXPECT_NO_THROW(check("{type: " + std::string(name) + kNormalTarget)) << name;
  }
  EXPECT_NO_THROW(check("nll_without_normaliser"));
  EXPECT_THROW(check("{type: ess, energy: {potential: torchscript, file: missing.pt}}"), DataError);
  EXPECT_THROW(chosen<FigureChoice>("energies").make()->check(bench.factors, context), OptionError);
  context.data = chosen<DatasetChoice>("{type: particles, energy: {potential: double_well}}").make({all, ".", {}});
  EXPECT_NO_THROW(check("ess"));
  EXPECT_NO_THROW(chosen<FigureChoice>("energies").make()->check(bench.factors, context));
}

}  // namespace
}  // namespace genmatch
