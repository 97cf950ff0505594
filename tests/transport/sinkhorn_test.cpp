#include "core/transport/sinkhorn.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/rng.h"
#include "core/transport/assignment.h"
#include "core/transport/plan.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor squares(const Tensor& x, const Tensor& y) { return at::cdist(x, y, 2, 2).square(); }
Tensor random_costs(int64_t n, int64_t m, int64_t dim, uint64_t seed = 1) {
  Rng rng(seed, "points");
  return squares(rng.normal({n, dim}, at::kDouble), rng.normal({m, dim}, at::kDouble));
}
Tensor random_weights(int64_t n, uint64_t seed) {
  const Tensor w = Rng(seed, "weights").uniform({n}, at::kDouble) + 0.1;
  return w / w.sum();
}
double value(const Tensor& number) { return number.item<double>(); }
double summed(const Tensor& a, const Tensor& b) { return value((a * b).sum()); }
double divergence(const Tensor& p, const Tensor& q) { return value((at::xlogy(p, p / q) - p + q).sum()); }

SinkhornOptions precise(double epsilon, double tolerance = 1e-10) {
  SinkhornOptions options;
  options.epsilon = epsilon;
  options.tolerance = tolerance;
  options.iterations = 100000;
  return options;
}

TEST(Sinkhorn, ThePlanHasTheMarginals) {
  const Tensor a = random_weights(40, 1), b = random_weights(60, 2), points = random_costs(40, 60, 2);
  for (const double scale : {1., 1e-9, 1e12})
    for (const double share : {100., 1., 0.1, 0.02}) {
      const Tensor cost = scale * points;
      const Sinkhorn s = sinkhorn(cost, precise(share * value(cost.mean())), a, b);
      EXPECT_TRUE(s.converged) << share;
      const Tensor plan = transport_plan(s, cost, a, b);
      EXPECT_LE(value((plan.sum(0) - b).abs().sum()), 1.0001e-10);
      EXPECT_LE(value((plan.sum(1) - a).abs().sum()), 1e-12);
    }
}

// Stopped long before it has converged.
TEST(Sinkhorn, TinyEpsilonsStayFiniteAndMarginalsCanBeCorrected) {
  const Tensor a = random_weights(50, 1), b = random_weights(50, 2);
  for (const double share : {1e-6, 1e-12}) {
    const Tensor cost = 1e6 * random_costs(50, 50, 1);
    SinkhornOptions options = precise(share * value(cost.mean()));
    options.iterations = 60;
    const Sinkhorn s = sinkhorn(cost, options, a, b);
    EXPECT_FALSE(s.converged);
    EXPECT_LE(s.iterations, 80);
    const Tensor plan = transport_plan(s, cost, a, b), corrected = with_marginals(plan, a, b);
    ASSERT_TRUE(finite(plan));
    EXPECT_NEAR(value((plan.sum(0) - b).abs().sum()), s.marginal_error, 1e-4);  // rounding, 1e-16 / 1e-12
    EXPECT_GE(value(corrected.min()), 0);
    EXPECT_TRUE(near(corrected.sum(1), a, 1e-15));
    EXPECT_TRUE(near(corrected.sum(0), b, 1e-15));
    EXPECT_LE(value((corrected - plan).abs().sum()), 2 * s.marginal_error + 1e-12);
  }
}

// Two points each: P_11 / P_12 = exp(1 / epsilon).
TEST(Sinkhorn, OfTwoPointsIsKnown) {
  const Tensor cost = 1 - at::eye(2, at::kDouble);
  for (const double epsilon : {0.03, 0.3, 3.}) {
    const double own = 0.5 / (1 + std::exp(-1 / epsilon));
    const Tensor expected = at::tensor({own, 0.5 - own, 0.5 - own, own}, at::kDouble).view({2, 2});
    EXPECT_TRUE(near(transport_plan(sinkhorn(cost, precise(epsilon)), cost), expected, 1e-9));
  }
}

double dual(const Sinkhorn& s, const Tensor& cost, double rho) {
  const double n = static_cast<double>(cost.size(0)), m = static_cast<double>(cost.size(1));
  const auto side = [rho](const Tensor& f, double size) {
    return rho == infinity ? value(f.sum()) / size : rho * (1 - value((f / -rho).exp().sum()) / size);
  };
  return side(s.row_potentials, n) + side(s.column_potentials, m) +
         s.epsilon * (1 - value(transport_plan(s, cost).sum()));
}

TEST(Sinkhorn, TheDualRisesWithEveryIteration) {
  const Tensor cost = random_costs(30, 20, 3);
  for (const double rho : {infinity, 2.}) {
    SinkhornOptions options = precise(0.05 * value(cost.mean()));
    options.scaling = 0;
    options.relax_rows = options.relax_columns = rho;
    double last = -infinity, first = 0;
    for (options.iterations = 1; options.iterations <= 40; ++options.iterations) {
      const double now = dual(sinkhorn(cost, options), cost, rho);
      EXPECT_GE(now, last - 1e-12) << options.iterations;
      last = now;
      if (options.iterations == 1) first = now;
    }
    EXPECT_GT(last, first + 1e-4);
  }
}

// <c, P> exceeds the least cost by at most epsilon times the entropy that a plan can have, ln n.
TEST(Sinkhorn, TendsToTheAssignment) {
  constexpr int64_t n = 40;
  const Tensor cost = random_costs(n, n, 2), uniform = at::full({n}, 1. / n, at::kDouble);
  const double least = assign(cost).cost / n;
  double last = infinity;
  for (const double epsilon : {1., 0.1, 0.02}) {
    const Sinkhorn s = sinkhorn(cost, precise(epsilon, 1e-4));
    ASSERT_TRUE(s.converged);
    const double above = summed(with_marginals(transport_plan(s, cost), uniform, uniform), cost) - least;
    EXPECT_GE(above, -1e-12);
    EXPECT_LE(above, epsilon * std::log(n) + 2e-4 * value(cost.max()));
    EXPECT_LT(above, last);
    last = above;
  }
  EXPECT_LT(last, 0.02);
}

// The way through larger epsilons changes how fast it is, not where it ends.
TEST(Sinkhorn, ScalingChangesTheSpeedOnly) {
  const Tensor cost = random_costs(40, 40, 2);
  SinkhornOptions options = precise(0.05 * value(cost.mean()));
  const Sinkhorn with = sinkhorn(cost, options);
  options.scaling = 0;
  const Sinkhorn without = sinkhorn(cost, options);
  ASSERT_TRUE(with.converged && without.converged);
  EXPECT_TRUE(near(transport_plan(with, cost), transport_plan(without, cost), 1e-8));
  options = precise(0.001 * value(cost.mean()), 0.01);
  const int64_t fast = sinkhorn(cost, options).iterations;
  options.scaling = 0;
  EXPECT_LT(2 * fast, sinkhorn(cost, options).iterations);
}

// Between N(0, a) and N(0, b) at the cost |x - y|^2 and epsilon = 2 s^2, the covariance of the plan is
// (sqrt(4 a b + s^4) - s^2) / 2 (Janati et al. 2020, arXiv 2006.02572, theorem 1). The sums on a grid are exact to
// rounding.
TEST(Sinkhorn, OfGaussiansOnALineIsKnown) {
  const double a = 1, b = 4;
  const Tensor x = at::linspace(-9, 9, 241, at::kDouble), y = at::linspace(-18, 18, 241, at::kDouble);
  const Tensor p = (x.square() / (-2 * a)).softmax(0), q = (y.square() / (-2 * b)).softmax(0);
  const Tensor cost = (x.unsqueeze(1) - y).square();
  for (const double s2 : {0.5, 1., 5.}) {
    const Sinkhorn s = sinkhorn(cost, precise(2 * s2), p, q);
    EXPECT_NEAR(value((transport_plan(s, cost, p, q) * at::outer(x, y)).sum()),
                (std::sqrt(4 * a * b + s2 * s2) - s2) / 2, 1e-8);
  }
}

// The same in the plane, by samples, for covariances A and B that do not commute:
// C = (A^1/2 (4 A^1/2 B A^1/2 + s^4)^1/2 A^-1/2 - s^2) / 2.
TEST(Sinkhorn, OfGaussiansInThePlaneIsKnownToMonteCarloError) {
  const Tensor a = at::tensor({2., 0.5, 0.5, 1.}, at::kDouble).view({2, 2});
  const Tensor b = at::tensor({1., -0.6, -0.6, 3.}, at::kDouble).view({2, 2});
  const double s2 = 1.5;
  const auto power = [](const Tensor& m, double e) {
    const auto [values, vectors] = at::linalg_eigh(m);
    return vectors.matmul(at::diag(values.pow(e))).matmul(vectors.t());
  };
  const Tensor root = power(a, 0.5), eye = at::eye(2, at::kDouble);
  const Tensor d = power(4 * root.matmul(b).matmul(root) + s2 * s2 * eye, 0.5);
  const Tensor expected = 0.5 * (root.matmul(d).matmul(power(a, -0.5)) - s2 * eye);
  constexpr int64_t n = 300, repeats = 24;
  std::vector<Tensor> all;
  for (int64_t r = 0; r < repeats; ++r) {
    Rng rng(7, "gaussians", r);
    const Tensor x = rng.normal({n, 2}, at::kDouble).matmul(root),
                 y = rng.normal({n, 2}, at::kDouble).matmul(power(b, 0.5)), cost = squares(x, y);
    SinkhornOptions options = precise(2 * s2);
    options.tolerance = 1e-6;
    const Tensor plan = transport_plan(sinkhorn(cost, options), cost);
    all.push_back((x - x.mean(0)).t().matmul(plan).matmul(y - y.mean(0)));
  }
  const Tensor each = at::stack(all), sem = each.std(0) / std::sqrt(repeats);
  // 5 standard errors, and the bias of samples, of order 1 / n relative to a covariance of order 1
  EXPECT_TRUE(all_at_most((each.mean(0) - expected).abs() - 5 * sem, 2. / n));
  EXPECT_LT(value(sem.max()), 0.03);
}

SinkhornOptions relaxed(double epsilon, double rho) {
  SinkhornOptions options = precise(epsilon);
  options.relax_rows = options.relax_columns = rho;
  return options;
}

// One point each: c p + (epsilon + rho_r + rho_c) (p ln p - p) is least at p = exp(-c / (epsilon + rho_r + rho_c)).
TEST(Unbalanced, OfOnePointIsKnown) {
  for (const double c : {0.1, 3., 2000.}) {
    const Tensor cost = at::full({1, 1}, c, at::kDouble);
    SinkhornOptions options = relaxed(0.5, 1.5);
    options.relax_columns = 2;
    EXPECT_NEAR(value(transport_plan(sinkhorn(cost, options), cost)), std::exp(-c / 4), 1e-10);
    options.relax_rows = infinity;
    EXPECT_NEAR(value(transport_plan(sinkhorn(cost, options), cost)), 1, 1e-10);
  }
}

// No plan nearby has a lower objective.
TEST(Unbalanced, ThePlanIsTheBestOfItsNeighbourhood) {
  const Tensor cost = random_costs(12, 9, 2), a = random_weights(12, 3), b = 1.7 * random_weights(9, 4);
  const SinkhornOptions options = relaxed(0.2, 0.7);
  const auto objective = [&](const Tensor& p) {
    return summed(p, cost) + 0.2 * divergence(p, at::outer(a, b)) + 0.7 * divergence(p.sum(1), a) +
           0.7 * divergence(p.sum(0), b);
  };
  const Sinkhorn s = sinkhorn(cost, options, a, b);
  ASSERT_TRUE(s.converged);
  const Tensor plan = transport_plan(s, cost, a, b);
  const double least = objective(plan);
  Rng rng(5, "neighbours");
  for (int i = 0; i < 200; ++i) {
    const Tensor change = rng.normal(i % 2 == 0 ? at::IntArrayRef({12, 9}) : at::IntArrayRef({1, 9}), at::kDouble);
    EXPECT_GT(objective(plan * (0.01 * change).exp()), least);
  }
  EXPECT_GT(objective(plan * 1.01), least);
  EXPECT_GT(objective(plan * 0.99), least);
}

TEST(Unbalanced, TendsToTheBalancedPlan) {
  const Tensor cost = random_costs(30, 30, 2);
  const Tensor balanced = transport_plan(sinkhorn(cost, precise(0.3)), cost);
  double last = infinity;
  for (const double rho : {1., 100., 1e4, 1e6}) {
    const double apart = value((transport_plan(sinkhorn(cost, relaxed(0.3, rho)), cost) - balanced).abs().sum());
    EXPECT_LT(apart, last);
    last = apart;
  }
  EXPECT_LT(last, 1e-5);
}

TEST(Unbalanced, LeavesOutWhatIsFar) {
  Rng rng(8, "outlier");
  const Tensor x = rng.normal({40, 2}, at::kDouble), y = rng.normal({40, 2}, at::kDouble);
  for (const double far : {10., 1000.}) {
    y[0].fill_(far);
    const Tensor cost = squares(x, y);
    const Tensor mass = 40 * transport_plan(sinkhorn(cost, relaxed(0.1, 1)), cost).sum(0);
    EXPECT_LT(value(mass[0]), 1e-12);
    EXPECT_GT(value(mass.narrow(0, 1, 39).sum()), 20);
    SinkhornOptions keep_columns = precise(0.1);
    keep_columns.tolerance = 1e-6;
    keep_columns.relax_rows = 1;
    EXPECT_NEAR(40 * value(transport_plan(sinkhorn(cost, keep_columns), cost).sum(0)[0]), 1, 1e-4);
  }
}

TEST(Sinkhorn, ForbiddenPairsGetNothing) {
  const Tensor first = random_costs(20, 20, 2, 1), second = random_costs(30, 30, 2, 2);
  const Tensor cost = at::full({50, 50}, infinity, at::kDouble);
  cost.narrow(0, 0, 20).narrow(1, 0, 20).copy_(first);
  cost.narrow(0, 20, 30).narrow(1, 20, 30).copy_(second);
  const Tensor plan = transport_plan(sinkhorn(cost, precise(1)), cost);
  const auto alone = [](const Tensor& c) { return transport_plan(sinkhorn(c, precise(1)), c); };
  EXPECT_TRUE(near(plan, at::block_diag({0.4 * alone(first), 0.6 * alone(second)}), 1e-9));
  EXPECT_EQ(value(plan.masked_select(cost == infinity).max()), 0);
}

TEST(Sinkhorn, SmallestAndEmpty) {
  const Tensor one = at::full({1, 1}, 7, at::kDouble), flat = at::full({3, 4}, 2, at::kDouble);
  EXPECT_NEAR(value(transport_plan(sinkhorn(one, precise(0.01)), one)), 1, 1e-12);
  EXPECT_TRUE(near(transport_plan(sinkhorn(flat, precise(0.01)), flat), at::full({3, 4}, 1. / 12, at::kDouble), 1e-12));
  const Sinkhorn none = sinkhorn(at::zeros({0, 0}, at::kDouble), {});
  EXPECT_TRUE(none.converged);
  EXPECT_EQ(transport_plan(none, at::zeros({0, 0}, at::kDouble)).numel(), 0);
}

TEST(Sinkhorn, RefusesWhatItCannotSolve) {
  const Tensor cost = at::ones({2, 3}, at::kDouble), a = at::ones({2}, at::kDouble);
  SinkhornOptions zero;
  zero.epsilon = 0;
  EXPECT_THROW(sinkhorn(cost, zero), ContractError);
  EXPECT_THROW(sinkhorn(cost.to(at::kFloat), {}), ContractError);
  EXPECT_THROW(sinkhorn(cost[0], {}), ContractError);
  EXPECT_THROW(sinkhorn(cost, {}, a.to(at::kFloat)), ContractError);
  EXPECT_THROW(sinkhorn(cost, {}, at::ones({3}, at::kDouble)), ContractError);
  EXPECT_THROW(sinkhorn(cost, {}, -a), ContractError);
  EXPECT_THROW(sinkhorn(cost, {}, a, at::ones({3}, at::kDouble)), ContractError);  // 2 on one side, 3 on the other
  EXPECT_THROW(sinkhorn(at::full({2, 3}, NAN, at::kDouble), {}), ContractError);
  EXPECT_THROW(sinkhorn(at::full({2, 3}, -infinity, at::kDouble), {}), ContractError);
  const Tensor alone = cost.clone();
  alone[1].fill_(infinity);
  EXPECT_THROW(sinkhorn(alone, {}), ContractError);
}

}  // namespace
}  // namespace genmatch
