#include <gmock/gmock.h>

#include <cmath>

#include "core/errors.h"
#include "tests/compare/results.h"

namespace genmatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = ComparisonRow::Kind;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> labels(const Comparison& c, Kind kind) {
  std::vector<std::string> list;
  for (const ComparisonRow& row : c.rows)
    if (row.kind == kind) list.push_back(row.label);
  return list;
}

std::string best(const Comparison& c) { return c.rows[c.leaders.at("nll").best].label; }
std::string next(const Comparison& c) { return c.rows[c.leaders.at("nll").next.value()].label; }

TEST(Comparison, MeanAndDeviationOverSeeds) {
  const Comparison c = compare_results({variant("wide", {2, 4, 4, 4, 5, 5, 7, 9})}, {}, {});
  const Spread nll = c.rows.at(0).metrics.at("nll");
  EXPECT_EQ(nll.n, 8);
  EXPECT_DOUBLE_EQ(nll.mean, 5);
  EXPECT_NEAR(nll.sd, 2.138090, 1e-6);  // sqrt(32 / 7)
  EXPECT_DOUBLE_EQ(nll.by_seed.at(7), 9);
  EXPECT_THAT(c.notes, testing::IsEmpty());
  EXPECT_FALSE(c.leaders.at("nll").next.has_value());
}

TEST(Comparison, TimeIsTheSumOfTheStages) {
  VariantResults v = variant("wide", {1, 2});
  v.runs[1].seconds = {{"training", 20}, {"evaluation", 2}, {"figures", 8}};
  v.runs[1].peak_mb = 350;
  const Comparison c = compare_results({v}, {}, {});
  EXPECT_DOUBLE_EQ(c.rows[0].seconds->mean, 60);  // of 90 and 30
  EXPECT_DOUBLE_EQ(c.rows[0].peak_mb->mean, 300);
}

TEST(Comparison, BestAgainstTheNext) {
  const Comparison c = compare_results(
      {variant("narrow", {2, 3, 4}), variant("poor", {9, 9, 9}), variant("wide", {1, 2.5, 2.5})}, {}, {});
  EXPECT_EQ(best(c), "wide");
  EXPECT_EQ(next(c), "narrow");
  EXPECT_DOUBLE_EQ(c.leaders.at("nll").test.difference, 1);  // 1, 0.5, 1.5
  EXPECT_EQ(c.leaders.at("nll").test.n, 3);
}

TEST(Comparison, HigherMayBeBetter) {
  const std::vector<VariantResults> variants = {variant("a", {1, 2}), variant("b", {5, 6}), variant("c", {3, 4})};
  const Comparison c = compare_results(variants, {}, {{"nll", Better::higher}});
  EXPECT_EQ(best(c), "b");
  EXPECT_EQ(next(c), "c");
  EXPECT_DOUBLE_EQ(c.leaders.at("nll").test.difference, -2);
  EXPECT_TRUE(c.leaders.at("nll").higher_is_better);
}

TEST(Comparison, NobodyLeadsWhereNeitherIsBetter) {
  const Comparison c = compare_results({variant("a", {1, 2}), variant("b", {5, 6})}, {}, {{"nll", Better::neither}});
  EXPECT_THAT(c.metrics, ElementsAre("nll"));
  EXPECT_TRUE(c.leaders.empty());
  EXPECT_EQ(format_comparison(c, "terminal").find("leads"), std::string::npos);
}

TEST(Comparison, OneRowForABaselineThatAgrees) {
  const Comparison c = compare_results({with_baseline(variant("wide", {1, 2}), "kde", {3, 4}),
                                        with_baseline(variant("narrow", {2, 3, 4}), "kde", {3, 4 + 1e-13, 8})},
                                       {}, {});
  ASSERT_THAT(labels(c, Kind::baseline), ElementsAre("kde"));
  EXPECT_EQ(c.rows.back().metrics.at("nll").n, 3);
  EXPECT_NEAR(c.rows.back().metrics.at("nll").mean, 5, 1e-9);
  EXPECT_FALSE(c.rows.back().seconds.has_value());
}

TEST(Comparison, RowsForBaselinesThatDiffer) {
  const Comparison c = compare_results({with_baseline(variant("all data", {1, 2}), "kde", {3, 4}),
                                        with_baseline(variant("half", {2, 3}), "kde", {3, 4.5}),
                                        with_baseline(variant("half, wide", {2, 3}), "kde", {3, 4.5})},
                                       {}, {});
  EXPECT_THAT(labels(c, Kind::baseline), ElementsAre("kde, for all data", "kde, for half and 1 more"));
  EXPECT_THAT(c.notes, ElementsAre("kde, for half and 1 more: half; half, wide"));
}

TEST(Comparison, ABaselineCanLead) {
  const Comparison c = compare_results({with_baseline(variant("wide", {1, 2}), "kde", {0, 1})}, {}, {});
  EXPECT_EQ(best(c), "kde");
  EXPECT_EQ(next(c), "wide");
}

TEST(Comparison, PublishedRowsTakeNoPart) {
  const Comparison c =
      compare_results({variant("wide", {1, 2})}, published({{"RFM", "nll", "Chen", -9, 0.1, "quoted", ""}}), {});
  EXPECT_EQ(best(c), "wide");
  EXPECT_FALSE(c.leaders.at("nll").next.has_value());
  const Spread value = c.rows.at(1).metrics.at("nll");
  EXPECT_EQ(value.n, 0);
  EXPECT_EQ(value.mean, -9);
  EXPECT_EQ(value.sd, 0.1);
}

TEST(Comparison, PublishedMetricsOfOneSourceShareARow) {
  const Comparison c = compare_results({},
                                       published({{"RFM", "nll", "Chen", 1, {}, "quoted", ""},
                                                  {"RFM", "mmd", "Chen", 2, {}, "quoted", ""},
                                                  {"RFM", "nll", "Chen", 3, {}, "quoted", ""},
                                                  {"RFM", "mmd", "Huang", 4, {}, "quoted", ""}}),
                                       {});
  EXPECT_THAT(c.metrics, ElementsAre("mmd", "nll"));
  ASSERT_EQ(c.rows.size(), 3U);
  EXPECT_EQ(c.rows[0].metrics.at("mmd").mean, 2);
  EXPECT_EQ(c.rows[1].metrics.at("nll").mean, 3);
  EXPECT_EQ(c.rows[2].metrics.size(), 1U);
  EXPECT_TRUE(std::isnan(c.rows[2].metrics.at("mmd").sd));
  EXPECT_TRUE(c.leaders.empty());
}

TEST(Comparison, NotesSeedsThatAreMissing) {
  VariantResults two = variant("two", {1, 2, 3});
  two.runs.erase(two.runs.begin() + 1);
  const Comparison c = compare_results(
      {variant("all", {1, 2, 3}), two, variant("one", {1}), variant("first", {1}), variant("none", {})}, {}, {});
  EXPECT_THAT(c.notes,
              testing::UnorderedElementsAre("no finished run of seed 1: two",
                                            "no finished run of seeds 1, 2: one; first", "no finished run: none"));
  EXPECT_TRUE(c.rows.at(4).metrics.empty());
  EXPECT_FALSE(c.rows.at(4).seconds.has_value());
}

TEST(Comparison, WhatIsNotFiniteCountsForNoMeanAndIsNoted) {
  const Comparison c =
      compare_results({variant("wide", {nan, 2, 4, INFINITY}), variant("bad", {nan, nan, nan, nan})}, {}, {});
  EXPECT_DOUBLE_EQ(c.rows[0].metrics.at("nll").mean, 3);
  EXPECT_EQ(c.rows[1].metrics.at("nll").n, 0);
  EXPECT_THAT(c.notes, ElementsAre(HasSubstr("wide: nll is not finite with seeds 0, 3"),
                                   HasSubstr("bad: nll is not finite with seeds 0, 1, 2, 3")));
  EXPECT_EQ(best(c), "wide");
  EXPECT_FALSE(c.leaders.at("nll").next.has_value());
}

// The seed that failed, which may be the hard one, must not decide.
TEST(Comparison, FewerSeedsRankBehind) {
  const Comparison c = compare_results({variant("lucky", {1, 1, nan}), variant("whole", {2, 2, 8})}, {}, {});
  EXPECT_EQ(best(c), "whole");
  EXPECT_EQ(next(c), "lucky");
  EXPECT_EQ(c.leaders.at("nll").test.n, 2);
}

TEST(Comparison, ABaselineOnTheSeedsOfAllDoesNotRankBeforeTheVariants) {
  VariantResults first = with_baseline(variant("first", {1}), "kde", {5});
  VariantResults second = with_baseline(variant("second", {2}), "kde", {5});
  second.runs[0].seed = 1;
  EXPECT_EQ(best(compare_results({first, second}, {}, {})), "first");
}

TEST(Comparison, TiesGoToTheFirst) {
  const Comparison c = compare_results({variant("a", {1, 2}), variant("b", {2, 1})}, {}, {});
  EXPECT_EQ(best(c), "a");
  EXPECT_EQ(c.leaders.at("nll").test.difference, 0);
  EXPECT_NEAR(c.leaders.at("nll").test.p, 1, 1e-12);
}

TEST(Comparison, NothingAtAll) {
  const Comparison c = compare_results({}, {}, {});
  EXPECT_TRUE(c.rows.empty() && c.metrics.empty() && c.leaders.empty() && c.notes.empty());
}

TEST(Comparison, AVariantHasEachSeedOnce) {
  VariantResults v = variant("wide", {1, 2});
  v.runs[1].seed = 0;
  EXPECT_THROW(compare_results({v}, {}, {}), ContractError);
}

}  // namespace
}  // namespace genmatch
