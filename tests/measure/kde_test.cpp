#include <gmock/gmock.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

using ::testing::HasSubstr;

const at::TensorOptions kFloat64 = at::TensorOptions(at::kDouble);

std::shared_ptr<Baseline> kde(const std::string& options = "kde") { return chosen<BaselineChoice>(options).make(); }

double nll(const Baseline& baseline, const Bench& bench) {
  return -baseline.log_density(spaces(bench.factors), bench.splits, bench.splits.test.x).mean().item<double>();
}

TEST(KdeTest, ComesCloseToTheEntropyOfAGaussian) {
  // Differential entropy of N(0, 9 I_2); a kernel estimate from 2000 rows loses about a hundredth of a nat, and the
  // mean over 2000 test rows has a standard error of 1 / sqrt(2000) = 0.022.
  Bench bench({"{type: euclidean, dim: 2}"});
  bench.fill(2000, 300, 2000);
  for (Table* table : {&bench.splits.train, &bench.splits.validation, &bench.splits.test}) table->x[0] *= 3;
  const double entropy = 1 + std::log(2 * M_PI * 9);
  EXPECT_NEAR(nll(*kde(), bench), entropy, 0.03 + 4 * 0.022);
}

TEST(KdeTest, FindsUniformDataUniform) {
  Bench bench({"{type: sphere, dim: 2}"});
  bench.fill(300, 100, 100);
  EXPECT_NEAR(nll(*kde("{type: kde, concentrations: [0.01, 1000]}"), bench), std::log(4 * M_PI), 0.05);
}

TEST(KdeTest, LeavesTrainRowsOutWithoutValidation) {
  // Train rows are the best place to be dense at if a row may stand by itself: the search would end at the largest
  // concentration, and the test rows would pay for it.
  Bench bench({"{type: euclidean, dim: 1}"});
  bench.fill(500, 0, 500);
  const double entropy = 0.5 * (1 + std::log(2 * M_PI));
  EXPECT_NEAR(nll(*kde(), bench), entropy, 0.03 + 4 * std::sqrt(0.5 / 500));
}

TEST(KdeTest, GivesEachFactorItsOwnConcentration) {
  // One factor spread over the sphere, the other within 1e-3 of zero: any common concentration fails on one.
  Bench bench({"{type: sphere, dim: 2}", "{type: torus, dim: 1}"});
  bench.fill(1000, 300, 300);
  for (Table* table : {&bench.splits.train, &bench.splits.validation, &bench.splits.test}) {
    Rng rng(5, "narrow", static_cast<uint64_t>(table->rows() + (table == &bench.splits.test)));
    table->x[1] = rng.normal({table->rows(), 1}, kFloat64) * 1e-3;
  }
  const double entropy = std::log(4 * M_PI) + 0.5 * (1 + std::log(2 * M_PI * 1e-6));
  EXPECT_NEAR(nll(*kde(), bench), entropy, 0.25);
}

TEST(KdeTest, HasAnswersForEveryNumberOfRows) {
  Bench bench({"{type: sphere, dim: 2}"});
  for (int64_t validation : {0, 1}) {
    bench.fill(1, validation, 3);
    const Tensor got = kde()->log_density(spaces(bench.factors), bench.splits, bench.splits.test.x);
    EXPECT_TRUE(got.isfinite().all().item<bool>());
  }
  bench.fill(5, 2, 0);
  EXPECT_EQ(kde()->log_density(spaces(bench.factors), bench.splits, bench.splits.test.x).numel(), 0);
  bench.fill(0, 0, 3);
  EXPECT_THROW(nll(*kde(), bench), DataError);
}

TEST(KdeTest, RefusesImpossibleOptions) {
  for (const char* options : {"{type: kde, concentrations: [5]}", "{type: kde, concentrations: [5, 1]}",
                              "{type: kde, concentrations: [0, 1]}", "{type: kde, grid: 1}",
                              "{type: kde, uniform_weights: []}", "{type: kde, uniform_weights: [1.5]}"})
    EXPECT_THROW(kde(options), ConfigError) << options;
}

TEST(UniformBaselineTest, IsForCompactSpaces) {
  const auto uniform = chosen<BaselineChoice>("uniform").make();
  Bench sphere({"{type: sphere, dim: 2}", "{type: torus, dim: 1}"}), line({"{type: euclidean, dim: 1}"});
  EXPECT_TRUE(uniform->applies(spaces(sphere.factors), sphere.splits));
  EXPECT_FALSE(uniform->applies(spaces(line.factors), line.splits));
  sphere.fill(0, 0, 4);
  EXPECT_NEAR(nll(*uniform, sphere), std::log(4 * M_PI) + std::log(2 * M_PI), 1e-12);
  line.fill(0, 0, 4);
  EXPECT_THROW(nll(*uniform, line), ContractError);
}

}  // namespace
}  // namespace genmatch
