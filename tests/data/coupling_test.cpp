// What each coupling is for.
#include "core/data/coupling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "core/data/coupling_cost.h"
#include "core/errors.h"
#include "core/process/condition.h"
#include "core/process/labels.h"
#include "core/process/space.h"
#include "tests/chosen.h"
#include "tests/sorted_rows.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

Spaces make_spaces(const std::vector<std::string>& all, int64_t classes = 0) {
  Spaces spaces;
  for (const std::string& yaml : all) spaces.push_back(chosen<SpaceChoice>(yaml).make());
  if (classes > 0) spaces.push_back(std::make_shared<Condition>(Spaces{labels(classes)}));
  return spaces;
}
const char* const kPlane = "{type: euclidean, dim: 2}";

Pair draw(const Spaces& spaces, int64_t n, Rng& rng) {
  Pair pair;
  for (const SpacePtr& space : spaces) {
    pair.x0.push_back(space->sample(n, rng, at::kDouble));
    pair.x1.push_back(space->sample(n, rng, at::kDouble));
  }
  return pair;
}
std::shared_ptr<Coupling> make(const std::string& yaml, const Spaces& spaces) {
  return chosen<CouplingChoice>(yaml).make(spaces);
}
Pair couple(const std::string& yaml, const Spaces& spaces, const Pair& independent, uint64_t seed = 1) {
  Rng rng(seed, "couple");
  return make(yaml, spaces)->couple(independent, rng);
}
double value(const Tensor& number) { return number.item<double>(); }
Tensor squares(const Pair& pair) { return (pair.x0[0] - pair.x1[0]).square().sum(1); }

// The least of `total` over all orders of n things.
double least_of_all(int64_t n, const std::function<double(const std::vector<int64_t>&)>& total) {
  std::vector<int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  double least = std::numeric_limits<double>::infinity();
  do {
    least = std::min(least, total(order));
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

TEST(OptimalTransportCoupling, IsTheBestPairing) {
  const Spaces spaces = make_spaces({"{type: sphere, dim: 2}", kPlane});
  Rng rng(1, "best");
  for (const int64_t n : {2, 5, 7}) {
    const Pair independent = draw(spaces, n, rng);
    const auto cost = [&](const Pair& pair) {  // d_1^2 + 4 d_2^2, to the power 3/2
      const Tensor angle = (pair.x0[0] * pair.x1[0]).sum(1).acos(), away = (pair.x0[1] - pair.x1[1]).square().sum(1);
      return value((angle.square() + 4 * away).pow(1.5).sum());
    };
    const double least = least_of_all(n, [&](const std::vector<int64_t>& order) {
      const Tensor rows = at::tensor(order, at::kLong);
      return cost({{independent.x0[0].index_select(0, rows), independent.x0[1].index_select(0, rows)}, independent.x1});
    });
    const Pair coupled = couple("{type: optimal_transport, power: 3, weights: [1, 4]}", spaces, independent);
    EXPECT_NEAR(cost(coupled), least, 1e-9 * least);
  }
}

// A point close to the cut of the angles goes to its neighbour on the other side.
TEST(OptimalTransportCoupling, GoesTheShortWayRoundATorus) {
  const Tensor x0 = at::tensor({-3.1, 0.}, at::kDouble).unsqueeze(1),
               x1 = at::tensor({0.1, 3.1}, at::kDouble).unsqueeze(1);
  EXPECT_TRUE(
      couple("optimal_transport", make_spaces({"{type: torus, dim: 1}"}), {{x0}, {x1}}).x0[0].equal(x0.flip(0)));
}

Pair labelled(const Spaces& spaces, int64_t n, Rng& rng) {
  Pair pair = draw(spaces, n, rng);
  pair.x1[0] = pair.x1[0] + 4 * pair.x1[1].narrow(1, 0, 1);  // classes apart from each other
  return pair;
}
State of_class(const State& x, const Tensor& condition, int64_t k) {
  return {x[0].index_select(0, (condition.select(1, 0) == k).nonzero().squeeze(1))};
}

TEST(OptimalTransportCoupling, IsMadeInEachClassAlone) {
  const Spaces spaces = make_spaces({kPlane}, 3), plane = make_spaces({kPlane});
  Rng rng(2, "classes");
  const Pair independent = labelled(spaces, 60, rng), coupled = couple("optimal_transport", spaces, independent);
  const Tensor& c = independent.x1[1];
  ASSERT_TRUE(coupled.x1[1].equal(c));
  for (int64_t k = 0; k < 3; ++k) {
    const Pair alone =
        couple("optimal_transport", plane, {of_class(independent.x0, c, k), of_class(independent.x1, c, k)});
    EXPECT_GT(alone.x0[0].size(0), 5);
    EXPECT_TRUE(of_class(coupled.x0, c, k)[0].equal(alone.x0[0]));
  }
}

// Why points are not exchanged between classes: the source of a class would no longer be the source.
TEST(OptimalTransportCoupling, AcrossClassesTheSourceWouldTellTheClass) {
  const Spaces spaces = make_spaces({kPlane}, 2);
  Rng rng(3, "mixed");
  const Pair independent = labelled(spaces, 200, rng);
  const auto apart = [&](const std::string& weight) {
    const Pair coupled = couple("{type: optimal_transport" + weight + "}", spaces, independent);
    const Tensor& c = coupled.x1[1];
    return std::abs(value(of_class(coupled.x0, c, 1)[0].mean() - of_class(coupled.x0, c, 0)[0].mean()));
  };
  const double sem = 2 / std::sqrt(400.);
  EXPECT_GT(apart(", condition_weight: 0"), 0.8);
  EXPECT_LT(apart(""), 4 * sem);
  EXPECT_LT(apart(", condition_weight: 1000"), 4 * sem);
  EXPECT_EQ(apart(", condition_weight: 1000"), apart(""));
}

TEST(CouplingCost, ManyConditionsOfOneRowLeaveTheBatchAlone) {
  const Spaces given{make_spaces({kPlane})[0], std::make_shared<Condition>(make_spaces({kPlane}))};
  Rng rng(4, "places");
  const Pair independent = draw(given, 50, rng);
  EXPECT_TRUE(CouplingCost({}, given).groups(independent).empty());
  EXPECT_TRUE(couple("optimal_transport", given, independent).x0[0].equal(independent.x0[0]));
  EXPECT_FALSE(
      couple("{type: optimal_transport, condition_weight: 0.1}", given, independent).x0[0].equal(independent.x0[0]));
}

TEST(CouplingCost, RefusesWhatDoesNotFit) {
  const Spaces spaces = make_spaces({kPlane}, 2);
  EXPECT_NO_THROW(make("{type: optimal_transport, weights: [2]}", spaces));
  EXPECT_THROW(make("{type: optimal_transport, weights: [1, 2]}", spaces), ConfigError);
  EXPECT_THROW(make("{type: optimal_transport, power: 0}", spaces), ConfigError);
  EXPECT_THROW(make("{type: entropic, epsilon: 0}", spaces), ConfigError);
  EXPECT_THROW(make("{type: partial, mass: 1.1}", spaces), ConfigError);
  EXPECT_THROW(make("{type: unbalanced, relax: neither}", spaces), ConfigError);
  Rng rng(5, "short");
  const Pair lacks = draw(make_spaces({kPlane}), 4, rng);
  EXPECT_THROW(make("optimal_transport", spaces)->couple(lacks, rng), ContractError);
}

// Two points on each side: the near pairs are exp(1 / epsilon) times as probable as the far ones.
TEST(EntropicCoupling, DrawsFromThePlan) {
  const Spaces spaces = make_spaces({"{type: euclidean, dim: 1}"});
  const Tensor x = at::tensor({0., 1.}, at::kDouble).unsqueeze(1);
  const auto coupling = make("{type: entropic, epsilon: 0.7, relative: false, tolerance: 1e-9}", spaces);
  Rng rng(6, "draws");
  constexpr int64_t draws = 1500;
  double near = 0;
  for (int64_t i = 0; i < draws; ++i) near += value((coupling->couple({{x}, {x}}, rng).x0[0] == x).sum());
  const double p = 1 / (1 + std::exp(-1 / 0.7));
  EXPECT_NEAR(near / (2 * draws), p, 5 * std::sqrt(p * (1 - p) / (2 * draws)));
}

TEST(EntropicCoupling, LiesBetweenOptimalAndIndependent) {
  const Spaces spaces = make_spaces({kPlane});
  Rng rng(7, "between");
  const Pair independent = draw(spaces, 64, rng);
  const Tensor exact = couple("optimal_transport", spaces, independent).x0[0];
  const std::string precise = "{type: entropic, epsilon: 1e-4, iterations: 20000, tolerance: 1e-3}";
  const Tensor same = (couple(precise, spaces, independent).x0[0] == exact).all(1);
  EXPECT_GE(value(same.sum()), 58);
  double last = value(squares({{exact}, independent.x1}).mean()) - 1e-9;
  for (const char* epsilon : {"0.01", "0.2", "5"}) {
    double mean = 0;
    for (uint64_t seed = 0; seed < 40; ++seed)
      mean +=
          value(squares(couple("{type: entropic, epsilon: " + std::string(epsilon) + "}", spaces, independent, seed))
                    .mean()) /
          40;
    EXPECT_GT(mean, last) << epsilon;
    last = mean;
  }
  EXPECT_NEAR(last, value(at::cdist(independent.x0[0], independent.x1[0]).square().mean()), 0.15 * last);
}

// Data with one point far away.
Pair with_outlier(const Spaces& spaces, int64_t n, Rng& rng) {
  Pair pair = draw(spaces, n, rng);
  pair.x1[0][0].fill_(30);
  return pair;
}
bool has_outlier(const Pair& pair) { return value(pair.x1[0].max()) == 30; }

TEST(UnbalancedCoupling, LeavesOutWhatIsFar) {
  const Spaces spaces = make_spaces({kPlane});
  Rng rng(8, "far");
  const Pair independent = with_outlier(spaces, 64, rng);
  const std::string rest = ", relative: false, epsilon: 0.2, tolerance: 1e-3";
  for (const char* relax : {"both", "data"}) {
    const std::string type = "{type: unbalanced, relax: " + std::string(relax) + rest;
    EXPECT_FALSE(has_outlier(couple(type + ", rho: 1}", spaces, independent)));
    EXPECT_TRUE(has_outlier(couple(type + ", rho: 1e6}", spaces, independent)));
  }
  EXPECT_TRUE(has_outlier(couple("{type: unbalanced, relax: source, rho: 1" + rest + "}", spaces, independent)));
}

TEST(UnbalancedCoupling, KeepsTheRowsWhoseMarginalIsPrescribed) {
  const Spaces spaces = make_spaces({kPlane});
  Rng rng(9, "prescribed");
  const Pair independent = with_outlier(spaces, 64, rng);
  const Pair data = couple("{type: unbalanced, relax: data, rho: 0.1}", spaces, independent);
  EXPECT_EQ(sorted_rows(data.x0), sorted_rows(independent.x0));
  EXPECT_NE(sorted_rows(data.x1), sorted_rows(independent.x1));
  const Pair source = couple("{type: unbalanced, relax: source, rho: 0.1}", spaces, independent);
  EXPECT_EQ(sorted_rows(source.x1), sorted_rows(independent.x1));
  EXPECT_NE(sorted_rows(source.x0), sorted_rows(independent.x0));
  const Pair neither = couple("{type: unbalanced, rho: 1e5, tolerance: 1e-8}", spaces, independent);
  EXPECT_EQ(sorted_rows(neither.x1), sorted_rows(independent.x1));
}

// The cheapest sets of k pairs, among all.
TEST(PartialCoupling, TransportsTheCheapestPairs) {
  const Spaces spaces = make_spaces({kPlane});
  Rng rng(10, "cheapest");
  for (const int64_t k : {1, 3, 6}) {
    const Pair independent = draw(spaces, 6, rng);
    const Tensor cost = at::cdist(independent.x0[0], independent.x1[0]).square();
    const double least = least_of_all(6, [&](const std::vector<int64_t>& order) {  // of an order, the k cheapest pairs
      const Tensor each = cost.gather(0, at::tensor(order, at::kLong).unsqueeze(0)).squeeze(0);
      return value(std::get<0>(each.sort()).narrow(0, 0, k).sum());
    });
    const std::string mass = "mass: " + std::to_string(static_cast<double>(k) / 6) + "}";
    const Pair dropped = couple("{type: partial, rest: drop, " + mass, spaces, independent);
    // each of the k pairs stands 6 / k times in the batch
    EXPECT_NEAR(value(squares(dropped).sum()), least * 6 / static_cast<double>(k), 1e-9);
    const Pair kept = couple("{type: partial, " + mass, spaces, independent);
    EXPECT_NEAR(value(std::get<0>(squares(kept).sort()).narrow(0, 0, k).sum()), least, 1e-9);
  }
}

TEST(PartialCoupling, ThatTransportsAllIsOptimalTransport) {
  const Spaces spaces = make_spaces({kPlane});
  Rng rng(11, "all");
  const Pair independent = draw(spaces, 40, rng), all = couple("{type: partial, mass: 1}", spaces, independent);
  EXPECT_TRUE(all.x0[0].equal(couple("optimal_transport", spaces, independent).x0[0]));
}

TEST(PartialCoupling, PairsTheRestAtRandomOrDropsIt) {
  const Spaces spaces = make_spaces({kPlane});
  Rng rng(12, "rest");
  const Pair independent = with_outlier(spaces, 40, rng);
  EXPECT_FALSE(has_outlier(couple("{type: partial, mass: 0.9, rest: drop}", spaces, independent)));
  const auto partner_of_outlier = [&](uint64_t seed) {
    return couple("{type: partial, mass: 0.9}", spaces, independent, seed).x0[0][0];
  };
  Tensor different = at::zeros({}, at::kLong);
  for (uint64_t seed = 1; seed < 20; ++seed) different += partner_of_outlier(seed).equal(partner_of_outlier(0)) ? 0 : 1;
  EXPECT_GT(value(different), 5);
}

}  // namespace
}  // namespace genmatch
