#include "core/transport/plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

double value(const Tensor& number) { return number.item<double>(); }

TEST(DrawColumns, AreDrawnByWeight) {
  constexpr int64_t draws = 20000;
  const Tensor weights = at::tensor({0., 1e-300, 3., 0., 5., 2., 0.}, at::kDouble);
  Rng rng(9, "draws");
  const Tensor columns = draw_columns(weights.expand({draws, 7}), rng);
  const Tensor counts = columns.bincount({}, 7).to(at::kDouble);
  for (const int64_t j : {0, 1, 3, 6}) EXPECT_EQ(value(counts[j]), 0) << j;
  for (const int64_t j : {2, 4, 5}) {
    const double p = value(weights[j]) / 10;  // within 5 standard deviations
    EXPECT_NEAR(value(counts[j]), draws * p, 5 * std::sqrt(draws * p * (1 - p))) << j;
  }
  EXPECT_EQ(draw_columns(at::zeros({0, 3}, at::kDouble), rng).size(0), 0);
  EXPECT_THROW(draw_columns(at::zeros({2, 3}, at::kDouble), rng), ContractError);
  EXPECT_THROW(draw_columns(at::zeros({2, 0}, at::kDouble), rng), ContractError);
}

TEST(DrawEvenly, EachComesAsOftenAsItsWeightSays) {
  const Tensor weights = at::tensor({0., 2.5, 1., 0., 0.25, 0.25, 0.}, at::kDouble), expected = 7 * weights / 4;
  Tensor sum = at::zeros({7}, at::kDouble);
  Rng rng(10, "even");
  constexpr int64_t draws = 4000;
  for (int64_t i = 0; i < draws; ++i) {
    const Tensor counts = draw_evenly(weights, rng).bincount({}, 7).to(at::kDouble);
    ASSERT_EQ(value(counts.sum()), 7);
    ASSERT_TRUE(all_at_most((counts - expected).abs(), 1 - 1e-9));
    sum += counts;
  }
  // a count takes two values, one apart: its standard deviation is at most 1/2
  EXPECT_TRUE(all_at_most((sum / draws - expected).abs(), 5 * 0.5 / std::sqrt(draws)));
  EXPECT_TRUE(draw_evenly(at::full({50}, 1. / 50, at::kDouble), rng).equal(at::arange(50, at::kLong)));
  EXPECT_EQ(draw_evenly(at::zeros({0}, at::kDouble), rng).size(0), 0);
  EXPECT_THROW(draw_evenly(at::zeros({3}, at::kDouble), rng), ContractError);
}

TEST(WithMarginals, KeepsAPlanThatHasThem) {
  const Tensor plan = Rng(11, "plan").uniform({4, 6}, at::kDouble);
  EXPECT_TRUE(near(with_marginals(plan, plan.sum(1), plan.sum(0)), plan, 1e-15));
  const Tensor nothing = at::zeros({2, 3}, at::kDouble), a = at::tensor({0.25, 0.75}, at::kDouble),
               b = at::tensor({0.5, 0.5, 0.}, at::kDouble);
  EXPECT_TRUE(near(with_marginals(nothing, a, b), at::outer(a, b), 1e-15));
}

}  // namespace
}  // namespace genmatch
