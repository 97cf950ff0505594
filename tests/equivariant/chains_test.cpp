#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/data/dataset.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/particles/chain_statistics.h"
#include "equivariant/particles/equilibrium.h"
#include "equivariant/particles/parallel_tempering.h"
#include "tests/chosen.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

TemperingOptions sampler(int64_t leapfrog, int64_t temperatures) {
  TemperingOptions o;
  o.chains = 200;
  o.burn_in = 300;
  o.thinning = 5;
  o.leapfrog = leapfrog;
  o.temperatures = temperatures;
  return o;
}

// Of an autoregression x' = a x + noise the variance of the mean of n values is (1 + a) / (1 - a) / n to first order.
TEST(ChainStatistics, OfAutoregressiveChains) {
  constexpr int64_t chains = 500, draws = 400;
  const double a = 0.8;
  Rng rng(1, "chains");
  Tensor x = rng.normal({chains}, at::kDouble);
  std::vector<Tensor> all;
  for (int64_t i = 0; i < draws; ++i) {
    x = a * x + std::sqrt(1 - a * a) * rng.normal({chains}, at::kDouble);
    all.push_back(x);
  }
  const ChainStatistics s = chain_statistics(at::stack(all, 1));
  EXPECT_NEAR(s.mean, 0, 5 * s.sem);
  // A variance of 500 means is known to sqrt(2 / 499) = 6 %, and end effects are (1 / draws) (2 a / (1 - a^2)) = 1 %.
  EXPECT_NEAR(s.effective_size / (chains * draws), (1 - a) / (1 + a), 0.3 * (1 - a) / (1 + a));
  EXPECT_LT(s.r_hat, 1.05);
  EXPECT_LT(std::abs(s.drift), 4);
  EXPECT_GT(chain_statistics(at::stack(all, 1) + at::linspace(0, 0.2, draws, at::kDouble)).drift, 5);
  Tensor apart = at::stack(all, 1);
  apart[0] += 50;
  EXPECT_GT(chain_statistics(apart).r_hat, 1.5);
  EXPECT_THROW(chain_statistics(at::zeros({1, 10}, at::kDouble)), ContractError);
}

// Without a potential the law is the standard normal of (N - 1) D dimensions: E ~ chi-squared / 2.
TEST(ParallelTempering, DrawsTheStandardNormal) {
  const Energy e({"none", 1, {}}, 4, 3);
  for (const int64_t leapfrog : {1, 4}) {
    Rng rng(2, "normal");
    const ChainDraws draws = parallel_tempering(e, sampler(leapfrog, 3), 40, rng);
    ASSERT_EQ(draws.x.sizes(), at::IntArrayRef({40, 200, 4, 3}));
    const ChainStatistics mean = chain_statistics(draws.energy.t()),
                          square = chain_statistics(draws.energy.square().t());
    EXPECT_NEAR(mean.mean, 4.5, 5 * mean.sem);
    EXPECT_NEAR(square.mean, 4.5 * 4.5 + 4.5, 5 * square.sem);
    EXPECT_LT(mean.sem, 0.2);
    EXPECT_LT(draws.x.mean(2).abs().max().item<double>(), 1e-12);
    EXPECT_NEAR(draws.acceptance[0].item<double>(), leapfrog == 1 ? 0.574 : 0.8, 0.15);
  }
}

TEST(ParallelTempering, IsDecidedByTheSeed) {
  const Energy e({"double_well", 1, {}}, 4, 2);
  TemperingOptions o = sampler(2, 2);
  o.chains = 10;
  Rng a(3, "x"), b(3, "x"), c(4, "x");
  const Tensor first = parallel_tempering(e, o, 3, a).x;
  EXPECT_TRUE(first.equal(parallel_tempering(e, o, 3, b).x));
  EXPECT_FALSE(first.equal(parallel_tempering(e, o, 3, c).x));
}

void expect_virial(const ChainDraws& draws, double expected) {
  const ChainStatistics v = chain_statistics(draws.virial.t());
  EXPECT_NEAR(v.mean, expected, 4 * v.sem);
  EXPECT_LT(v.sem, 0.1 * expected);
  EXPECT_LT(chain_statistics(draws.energy.t()).r_hat, 1.05);
}

// The mean energy of DW4 from long chains of others is -22.545 ± 0.004.
TEST(ParallelTempering, DoubleWellsHaveTheirMeanEnergy) {
  const Energy e({"double_well", 1, {}}, 4, 2);
  Rng rng(5, "dw4");
  const ChainDraws draws = parallel_tempering(e, sampler(3, 4), 50, rng);
  expect_virial(draws, 6);
  const ChainStatistics s = chain_statistics(draws.energy.t());
  EXPECT_NEAR(s.mean, -22.545, 4 * std::hypot(s.sem, 0.004));
  EXPECT_LT(s.sem, 0.05);
}

TEST(ParallelTempering, LennardJonesClustersAreInEquilibrium) {
  const Energy e({"lennard_jones", 2, {}}, 5, 3);
  Rng rng(6, "lj");
  expect_virial(parallel_tempering(e, sampler(16, 2), 40, rng), 12);
}

// Two chains of temperatures, hot and cold alone, say the same of the cold law.
TEST(ParallelTempering, ExchangesLeaveTheLawInvariant) {
  const Energy e({"double_well", 1, {}}, 3, 2);
  Rng a(7, "alone"), b(8, "together");
  const ChainStatistics alone = chain_statistics(parallel_tempering(e, sampler(3, 1), 60, a).energy.t());
  const ChainDraws ladder = parallel_tempering(e, sampler(3, 5), 60, b);
  const ChainStatistics together = chain_statistics(ladder.energy.t());
  EXPECT_NEAR(alone.mean, together.mean, 4 * std::hypot(alone.sem, together.sem));
  EXPECT_GT(ladder.exchanges.min().item<double>(), 0.2);
  EXPECT_LT(ladder.exchanges.max().item<double>(), 1);
}

// What `particles` says of its rows: which chain each is of, and none of them in two parts.
TEST(Particles, RowsKnowTheirChain) {
  const auto data = chosen<DatasetChoice>(
                        "{type: particles, energy: {potential: none}, rows: 400, sampler: {chains: 20, burn_in: 50}, "
                        "split: {validation: 0.2, test: 0.2}}")
                        .make({{std::make_shared<PointCloud>(PointCloud::Options{3, 2})}, "", {}});
  const Splits splits = data->load(1);
  std::set<int64_t> seen;
  for (const Table* part : {&splits.train, &splits.validation, &splits.test}) {
    ASSERT_EQ(part->group.sizes(), at::IntArrayRef({part->rows()}));
    const Tensor chains = std::get<0>(at::_unique(part->group));
    EXPECT_EQ(part->rows(), 20 * chains.numel()) << "all draws of its chains";
    for (int64_t i = 0; i < chains.numel(); ++i)
      EXPECT_TRUE(seen.insert(chains[i].item<int64_t>()).second) << "in two parts";
  }
  EXPECT_EQ(seen.size(), 20u);
}

// The statistics are those of the law: of the standard normal in 4 dimensions the mean energy is 2, and E[x . grad
// E] 4.
TEST(Equilibrium, StatisticsAreThoseOfTheLaw) {
  const Energy e({"none", 1, {}}, 3, 2);
  Rng rng(9, "equilibrium");
  const TemperingOptions options = sampler(3, 3);
  ChainDraws draws = parallel_tempering(e, options, 20, rng);
  const Equilibrium good = check_equilibrium(draws, options, e);
  EXPECT_EQ(good.warning, "");
  ASSERT_EQ(good.statistics.size(), 5u + 3 + 2);
  EXPECT_NEAR(good.statistics[0].value, 2, 5 * *good.statistics[0].error);
  EXPECT_NEAR(good.statistics[1].value, 4, 5 * *good.statistics[1].error);
  EXPECT_EQ(good.statistics[1].expected, 4);
  EXPECT_EQ(good.statistics[6].name, "accepted at temperature 1.22");  // 1.5^(1 / 2)
  EXPECT_EQ(good.statistics[9].name, "exchanged between 1.22 and 1.5");
  EXPECT_NEAR(good.statistics[6].value, 0.8, 0.15);
  // Chains that drift, or that are not of this law.
  ChainDraws drifting = draws;
  drifting.energy = draws.energy + at::linspace(0, 1, 20, at::kDouble).unsqueeze(1);
  EXPECT_NE(check_equilibrium(drifting, options, e).warning.find("hardly converged"), std::string::npos);
  draws.virial = draws.virial + 1;
  EXPECT_THROW(check_equilibrium(draws, options, e), NumericalError);
}

}  // namespace
}  // namespace genmatch
