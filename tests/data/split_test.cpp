#include "core/data/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/ops.h"
#include "tests/data/make_dataset.h"
#include "tests/sorted_rows.h"

namespace genmatch {
namespace {

using testing::ElementsAre;

/// n distinct rows in two factors.
Table table(int64_t n) {
  const Tensor numbers = at::arange(n, at::kDouble);
  return {{at::stack({numbers, -numbers}, 1), 2 * numbers.unsqueeze(1)}, {"a", "b", "c"}};
}

SplitOptions shares(double validation, double test) {
  SplitOptions options;
  options.validation = validation;
  options.test = test;
  return options;
}

Splits split_rows(int64_t n, const SplitOptions& options = {}, uint64_t seed = 0) {
  return split(table(n), options, false, seed, "a.csv");
}

std::string fault(int64_t n, const SplitOptions& options) {
  return message_of([&] { split_rows(n, options); });
}

std::vector<int64_t> sizes(const Splits& s) { return {s.train.rows(), s.validation.rows(), s.test.rows()}; }

TEST(Split, SizesAreThoseOfThePaper) {
  EXPECT_THAT(sizes(split_rows(10)), ElementsAre(8, 1, 1));
  EXPECT_THAT(sizes(split_rows(11)), ElementsAre(9, 1, 1));
  EXPECT_THAT(sizes(split_rows(19)), ElementsAre(17, 1, 1));
  EXPECT_THAT(sizes(split_rows(6120)), ElementsAre(4896, 612, 612));
  EXPECT_THAT(sizes(split_rows(827)), ElementsAre(663, 82, 82));
}

TEST(Split, SharesAreRoundedDownButNotByRounding) {
  EXPECT_THAT(sizes(split_rows(100, shares(0.29, 0.57))), ElementsAre(14, 29, 57));  // 0.29 * 100 < 29 in doubles
  EXPECT_THAT(sizes(split_rows(7, shares(0, 0.5))), ElementsAre(4, 0, 3));
  EXPECT_THAT(sizes(split_rows(1, shares(0, 0))), ElementsAre(1, 0, 0));
}

TEST(Split, PartsAreDisjointAndCoverTheData) {
  const Splits s = split_rows(53);
  EXPECT_EQ(sorted_rows(stacked({s.train.x, s.validation.x, s.test.x})), sorted_rows(table(53).x));
  EXPECT_THAT(s.test.columns, ElementsAre("a", "b", "c"));
}

TEST(Split, FactorsStayTogether) {
  const State x = split_rows(53).train.x;
  EXPECT_TRUE(x[0].select(1, 0).equal(-x[0].select(1, 1)));
  EXPECT_TRUE((2 * x[0].select(1, 0)).equal(x[1].squeeze(1)));
}

TEST(Split, TheSeedOfTheOptionsGoesBeforeThatOfTheRun) {
  SplitOptions fixed;
  fixed.seed = 4;
  const Tensor a = split_rows(50, fixed, 1).test.x[0], b = split_rows(50, fixed, 2).test.x[0];
  EXPECT_TRUE(a.equal(b));
  EXPECT_TRUE(a.equal(split_rows(50, {}, 4).test.x[0]));
  EXPECT_FALSE(a.equal(split_rows(50, {}, 5).test.x[0]));
}

// Each row is as often in the test part as any other: Binomial(400, 0.1) has sigma 6, and 5 sigma for 20 rows.
TEST(Split, EveryRowHasTheSameChance) {
  const int64_t n = 20, seeds = 400;
  Tensor count = at::zeros({n}, at::kDouble);
  for (int64_t seed = 0; seed < seeds; ++seed) {
    count.index_add_(0, split_rows(n, {}, static_cast<uint64_t>(seed)).test.x[0].select(1, 0).to(at::kLong),
                     at::ones({2}, at::kDouble));
  }
  EXPECT_LE((count - 40).abs().max().item<double>(), 5 * 6);
}

// 60 rows in 7 blocks: the parts are whole blocks, and so have few borders in the order of the file.
TEST(Split, BlocksStayTogether) {
  SplitOptions options = shares(0.3, 0.3);
  options.blocks = 7;
  const Splits s = split_rows(60, options);
  EXPECT_EQ(sorted_rows(stacked({s.train.x, s.validation.x, s.test.x})), sorted_rows(table(60).x));
  Tensor part = at::empty({60}, at::kLong);
  int64_t number = 0;
  for (const Table* const t : {&s.train, &s.validation, &s.test}) {
    const Tensor rows = t->x[0].select(1, 0).to(at::kLong);
    EXPECT_TRUE((rows.diff() > 0).all().item<bool>()) << "in the file's order";
    part.index_fill_(0, rows, number++);
  }
  for (int64_t row = 0; row + 1 < 60; ++row)
    if (row * 7 / 60 == (row + 1) * 7 / 60) {
      EXPECT_EQ(part[row].item<int64_t>(), part[row + 1].item<int64_t>()) << row;
    }
  EXPECT_NEAR(static_cast<double>(s.test.rows()), 17, 1);  // two blocks of 8 or 9
  EXPECT_FALSE(s.test.x[0].equal(split_rows(60, options, 1).test.x[0]));
  EXPECT_EQ(fault(6, options), "a.csv: 7 blocks of 6 rows: each needs a row at least");
  options.validation = 0.1;
  EXPECT_EQ(fault(60, options),
            "a.csv: 7 blocks are too few to split: the share 0.1 for validation is less than one block; use more data, "
            "a larger share, or 0");
}

TEST(Split, TooFewRows) {
  EXPECT_EQ(fault(9, {}),
            "a.csv: 9 rows are too few to split: the share 0.1 for validation is less than one row; use "
            "more data, a larger share, or 0");
  EXPECT_EQ(fault(9, shares(0, 0.1)),
            "a.csv: 9 rows are too few to split: the share 0.1 for test is less than one row; "
            "use more data, a larger share, or 0");
  EXPECT_EQ(fault(0, shares(0, 0)), "a.csv: 0 rows leave none for training");
  EXPECT_EQ(message_of([] { shares(0.6, 0.4).check(); }),
            "validation 0.6 and test 0.4 leave no rows for training; their sum must be below 1");
}

TEST(Split, RowsRepeatOnlyIfAllFactorsDo) {
  const Table all{{at::tensor({1., 1., 1., 2., 2.}).unsqueeze(1), at::tensor({5., 5., 6., 5., 5.}).unsqueeze(1)},
                  {"a", "b"}};
  const Splits s = split(all, shares(0, 0), true, 0, "a.csv");
  EXPECT_EQ(s.dropped_duplicates, 2);
  const std::vector<std::vector<double>> expected{{1, 5}, {1, 6}, {2, 5}};
  EXPECT_EQ(sorted_rows(s.train.x), expected);
}

TEST(Split, CountsTestRowsThatStandInTrain) {
  const Table all{{at::zeros({40, 2}, at::kDouble)}, {"a", "b"}};
  const Splits s = split(all, {}, false, 0, "a.csv");
  EXPECT_EQ(s.repeated_in_test, 4);
  EXPECT_THAT(s.warnings,
              ElementsAre("4 of 4 test rows also stand in train, so the test likelihood rewards memorising; "
                          "use deduplicate: true"));
  EXPECT_EQ(split_rows(40).repeated_in_test, 0);
}

}  // namespace
}  // namespace genmatch
