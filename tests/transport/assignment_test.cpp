#include "core/transport/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/errors.h"
#include "core/ops.h"
#include "core/rng.h"

namespace genmatch {
namespace {

double least_of_all_permutations(const Tensor& cost) {
  const auto c = cost.accessor<double, 2>();
  std::vector<int64_t> p(static_cast<std::size_t>(cost.size(0)));
  std::iota(p.begin(), p.end(), 0);
  double least = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) sum += c[static_cast<int64_t>(i)][p[i]];
    least = std::min(least, sum);
  } while (std::next_permutation(p.begin(), p.end()));
  return least;
}

// A permutation of the stated cost, with a dual solution that proves it the least.
void expect_optimal(const Assignment& a, const Tensor& cost) {
  const int64_t n = cost.size(0);
  const double rounding = 1e-12 * static_cast<double>(n) * (1 + cost.abs().max().item<double>());
  EXPECT_TRUE(std::get<0>(a.columns.sort()).equal(at::arange(n, at::kLong)));
  EXPECT_NEAR(a.cost, cost.index({at::arange(n, at::kLong), a.columns}).sum().item<double>(), rounding);
  const Tensor slack = cost - a.row_potentials.unsqueeze(1) - a.column_potentials;
  EXPECT_GE(slack.min().item<double>(), -rounding);
  EXPECT_NEAR((a.row_potentials.sum() + a.column_potentials.sum()).item<double>(), a.cost, rounding);
}

Tensor squared_distances(int64_t n, int64_t dim) {
  Rng rng(n, "points");
  return at::cdist(rng.normal({n, dim}, at::kDouble), rng.normal({n, dim}, at::kDouble), 2, 2).square();
}

TEST(Assignment, IsTheBestOfAllPermutations) {
  for (int64_t n = 1; n <= 8; ++n) {
    for (uint64_t seed = 0; seed < 10; ++seed) {
      Rng rng(seed, "costs", n);
      const Tensor real = rng.normal({n, n}, at::kDouble), ties = rng.integers(3, {n, n}).to(at::kDouble);
      for (const Tensor& cost : {real, ties}) {
        const Assignment a = assign(cost);
        EXPECT_NEAR(a.cost, least_of_all_permutations(cost), 1e-12);
        expect_optimal(a, cost);
      }
    }
  }
}

TEST(Assignment, ProvesItselfAtSize) {
  for (const Tensor& cost : {squared_distances(400, 1), squared_distances(400, 2), squared_distances(400, 50).sqrt()})
    expect_optimal(assign(cost), cost);
}

TEST(Assignment, HardCases) {
  const Tensor points = at::arange(100, at::kDouble);
  const Tensor product = at::outer(points, points);  // many augmentations: rows want the same columns
  const Tensor near_ties = 1 + 1e-13 * Rng(1, "near ties").normal({60, 60}, at::kDouble);
  for (const Tensor& cost : {product, -product, near_ties, at::zeros({50, 50}, at::kDouble), 1e12 * product - 5e12,
                             (points.unsqueeze(1) - points).abs().t()})
    expect_optimal(assign(cost), cost);
}

// On a line the order is kept, whatever convex cost there is.
TEST(Assignment, KeepsTheOrderOnALine) {
  const Tensor x = std::get<0>(Rng(1, "x").normal({300}, at::kDouble).sort());
  const Tensor y = std::get<0>(Rng(1, "y").normal({300}, at::kDouble).sort());
  EXPECT_TRUE(assign((x.unsqueeze(1) - y).square()).columns.equal(at::arange(300, at::kLong)));
}

TEST(Assignment, OfNothingCostsNothing) { EXPECT_EQ(assign(at::zeros({0, 0}, at::kDouble)).cost, 0); }

TEST(Assignment, RefusesOtherMatrices) {
  EXPECT_THROW(assign(at::zeros({2, 3}, at::kDouble)), ContractError);
  EXPECT_THROW(assign(at::zeros({2, 2}, at::kFloat)), ContractError);
  EXPECT_THROW(assign(at::full({2, 2}, NAN, at::kDouble)), ContractError);
  EXPECT_THROW(assign(at::full({2, 2}, INFINITY, at::kDouble)), ContractError);
}

}  // namespace
}  // namespace genmatch
