#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "equivariant/histogram.h"
#include "equivariant/importance.h"
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

}  // namespace
}  // namespace genmatch
