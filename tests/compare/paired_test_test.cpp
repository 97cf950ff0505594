#include <gtest/gtest.h>

#include <cmath>

#include "tests/compare/results.h"

namespace genmatch {
namespace {

Spread spread(const std::vector<double>& values) {
  std::map<uint64_t, double> by_seed;
  for (std::size_t i = 0; i < values.size(); ++i) by_seed[i] = values[i];
  return spread_over_seeds(by_seed);
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Student (1908), hours of sleep gained by ten patients from two drugs; R: t.test(extra ~ group, paired = TRUE) gives
// t = -4.0621, df = 9, p-value = 0.002833.
TEST(PairedTest, StudentsSleepData) {
  const Spread first = spread({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0});
  const Spread second = spread({1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
  EXPECT_NEAR(first.mean, 0.75, 1e-12);
  EXPECT_NEAR(first.sd, 1.789010, 1e-6);
  EXPECT_NEAR(second.mean, 2.33, 1e-12);
  EXPECT_NEAR(second.sd, 2.002249, 1e-6);
  const PairedTest test = paired_test(first, second);
  EXPECT_EQ(test.n, 10);
  EXPECT_NEAR(test.difference, 1.58, 1e-12);
  EXPECT_NEAR(test.difference / test.sem, 4.0621, 5e-5);
  EXPECT_NEAR(test.p, 0.002833, 5e-7);
}

// With one degree of freedom, Student's law is Cauchy's: t = 1 leaves a quarter of the mass on either side.
TEST(PairedTest, TwoSeedsAreCauchys) {
  const PairedTest test = paired_test(spread({0, 0}), spread({0, 2}));
  EXPECT_DOUBLE_EQ(test.difference, 1);
  EXPECT_DOUBLE_EQ(test.sem, 1);
  EXPECT_NEAR(test.p, 0.5, 1e-12);
}

TEST(PairedTest, OrderOfTheRowsTurnsTheSignOnly) {
  const Spread a = spread({1, 2, 4}), b = spread({2, 5, 5.5});
  EXPECT_DOUBLE_EQ(paired_test(a, b).difference, -paired_test(b, a).difference);
  EXPECT_DOUBLE_EQ(paired_test(a, b).p, paired_test(b, a).p);
}

// What is common to both rows at a seed (an easy split) does not count.
TEST(PairedTest, CommonShiftsOfASeedCancel) {
  const PairedTest plain = paired_test(spread({1, 2, 4}), spread({2, 5, 5.5}));
  const PairedTest shifted = paired_test(spread({101, -48, 4}), spread({102, -45, 5.5}));
  EXPECT_NEAR(plain.p, shifted.p, 1e-9);
  EXPECT_NEAR(plain.sem, shifted.sem, 1e-9);
}

TEST(PairedTest, PairsBySeedAndSkipsWhatIsMissingOrNotFinite) {
  const Spread a = spread_over_seeds({{1, 10}, {2, nan}, {3, 30}, {5, 50}, {6, 7}});
  const Spread b = spread_over_seeds({{1, 11}, {2, 20}, {3, 33}, {4, 1000}, {6, INFINITY}});
  const PairedTest test = paired_test(a, b);
  EXPECT_EQ(test.n, 2);
  EXPECT_DOUBLE_EQ(test.difference, 2);
}

TEST(PairedTest, OneOrNoSeedInCommon) {
  const PairedTest one = paired_test(spread({1, 2}), spread_over_seeds({{1, 2.5}, {7, 0}}));
  EXPECT_EQ(one.n, 1);
  EXPECT_DOUBLE_EQ(one.difference, 0.5);
  EXPECT_TRUE(std::isnan(one.sem) && std::isnan(one.p));
  const PairedTest none = paired_test(spread({1, 2}), spread({}));
  EXPECT_EQ(none.n, 0);
  EXPECT_TRUE(std::isnan(none.difference) && std::isnan(none.sem) && std::isnan(none.p));
}

// 0.1 + 0.1 + 0.1 is not 3 * 0.1 in binary, whence the seven seeds.
TEST(PairedTest, EqualDifferencesAreCertain) {
  const Spread zeros = spread(std::vector<double>(7, 0.0));
  const PairedTest test = paired_test(zeros, spread(std::vector<double>(7, 0.1)));
  EXPECT_EQ(test.difference, 0.1);
  EXPECT_EQ(test.sem, 0);
  EXPECT_EQ(test.p, 0);
  EXPECT_EQ(paired_test(zeros, zeros).p, 1);
}

TEST(SpreadOverSeeds, CountsTheFiniteAndKeepsTheRest) {
  const Spread s = spread({1, nan, 3, INFINITY});
  EXPECT_EQ(s.n, 2);
  EXPECT_DOUBLE_EQ(s.mean, 2);
  EXPECT_DOUBLE_EQ(s.sd, std::sqrt(2.0));
  EXPECT_EQ(s.by_seed.size(), 4U);
  EXPECT_TRUE(std::isnan(spread({5}).sd));
  EXPECT_TRUE(std::isnan(spread({nan}).mean));
}

}  // namespace
}  // namespace genmatch
