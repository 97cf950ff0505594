// Particles in periodic boxes and their symmetries.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/data/coupling.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "equivariant/alignment/circle_shift.h"
#include "equivariant/clouds/periodic_cloud.h"
#include "equivariant/groups/cloud_group.h"
#include "tests/chosen.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

// sum_i |d_i - s|^2 on the circle, for all s [S] at once.
Tensor spread(const Tensor& d, const Tensor& s, double length) {
  const Tensor apart = (d.unsqueeze(0) - s.unsqueeze(1)) / length;
  return (length * (apart - apart.round())).square().sum(1);
}

// No shift of a fine grid does better, and the best of them is as near as the grid is fine.
TEST(CircleShift, IsTheBestOfAFineGrid) {
  Rng rng(1, "circle");
  for (const int64_t n : {1, 2, 3, 7, 30})
    for (int repeat = 0; repeat < 20; ++repeat) {
      const double length = repeat % 2 == 0 ? 1 : 6.5;
      const Tensor d = 3 * length * (rng.uniform({n}, at::kDouble) - 0.5);  // up to some turns away
      std::vector<double> points(d.data_ptr<double>(), d.data_ptr<double>() + n);
      const CircleShift best = best_shift(points, length);
      const int64_t steps = 20000;
      const Tensor grid = spread(d, length * at::arange(steps, at::kDouble) / steps, length);
      const double least = grid.min().item<double>(), step = length / steps;
      EXPECT_LE(best.squared_distance, least + 1e-12);
      EXPECT_NEAR(best.squared_distance, least, n * step * step / 4 + 1e-12);
      EXPECT_NEAR(spread(d, at::tensor({best.shift}, at::kDouble), length).item<double>(), best.squared_distance,
                  1e-12);
      EXPECT_GE(best.shift, 0);
      EXPECT_LT(best.shift, length);
    }
}

// Two points that are nearly opposite have their mean on the shorter arc between them, also across the seam.
TEST(CircleShift, KnowsTheSeam) {
  std::vector<double> points{0.95, 0.15};
  const CircleShift best = best_shift(points, 1);
  EXPECT_NEAR(best.shift, 0.05, 1e-15);
  EXPECT_NEAR(best.squared_distance, 0.02, 1e-15);
}

SpacePtr box(int64_t particles, int64_t dim, double length = 1) {
  return std::make_shared<PeriodicCloud>(PeriodicCloud::Options{particles, dim, length});
}

std::shared_ptr<Group> group(const std::string& options, const SpacePtr& space) {
  return chosen<GroupChoice>("{type: periodic, " + options + "}").make(space);
}

Tensor squared_distance(const SpacePtr& space, const Tensor& x, const Tensor& y) {
  return space->distance(x, y).square();
}

TEST(PeriodicGroup, HasTheSymmetriesOfTheBox) {
  const SpacePtr cube = box(2, 3);
  const auto order = [&](const std::string& axes) {
    const auto g = group("permutations: false, translations: false, axes: " + axes, cube);
    return (*g->elements(at::kDouble))[0].size(0);
  };
  EXPECT_EQ(order("none"), 1);
  EXPECT_EQ(order("signs"), 8);
  EXPECT_EQ(order("permutations"), 6);
  EXPECT_EQ(order("rotations"), 24);
  EXPECT_EQ(order("all"), 48);
  const auto rotations = group("permutations: false, translations: false, axes: rotations", cube);
  const Tensor det = at::linalg_det((*rotations->elements(at::kDouble))[0]);
  EXPECT_TRUE(near(det, at::ones({24}, at::kDouble), 1e-14));
  EXPECT_FALSE(group("axes: all", cube)->elements(at::kDouble).has_value());
}

// In one direction, brute force over a grid of shifts and all permutations.
TEST(PeriodicGroup, ReachesTheLeastDistanceOfAllShiftsAndPermutations) {
  const int64_t n = 40, particles = 4, steps = 2000;
  const SpacePtr line = box(particles, 1, 2);
  Rng rng(2, "line");
  const Tensor x = line->sample(n, rng, at::kDouble), y = line->sample(n, rng, at::kDouble);
  const auto turns = group("permutations: false", line), g = group("", line);
  Tensor least = at::full({n}, 100, at::kDouble), on_grid = least.clone();
  std::vector<int64_t> order(particles);
  std::iota(order.begin(), order.end(), int64_t{0});
  do {
    const Tensor image = y.index_select(1, at::tensor(order));
    least = at::minimum(least, turns->align(x, image).squared_distance);
    for (int64_t i = 0; i < n; ++i) {
      const Tensor grid = spread((x[i] - image[i]).flatten(), 2 * at::arange(steps, at::kDouble) / steps, 2);
      on_grid[i] = at::minimum(on_grid[i], grid.min());
    }
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_TRUE(all_at_most(least - on_grid, 1e-12));
  EXPECT_TRUE(all_at_most(on_grid - least, 4e-6)) << "exact but for the grid: n (step / 2)^2";
  const Tensor often = g->align(x, y, {5, 30}).squared_distance, once = g->align(x, y).squared_distance;
  EXPECT_TRUE(all_at_most(least - often, 1e-12));
  EXPECT_TRUE(all_at_most(often - once, 1e-12));
  EXPECT_TRUE(all_at_most(once - squared_distance(line, x, y), 1e-12));
  EXPECT_GE((often - least < 1e-9).to(at::kDouble).mean().item<double>(), 0.8);
}

// One start per particle always finds a symmetry that was applied.
TEST(PeriodicGroup, FindsPlantedSymmetries) {
  for (const int64_t dim : {1, 2, 3})
    for (const char* axes : {"none", "rotations", "all"}) {
      const SpacePtr space = box(6, dim, 3);
      const auto g = group(std::string("axes: ") + axes, space);
      Rng rng(3, axes, static_cast<uint64_t>(dim));
      const Tensor x = space->sample(40, rng, at::kDouble), y = g->act(g->random(40, rng, at::kDouble), x);
      const Alignment found = g->align(x, y, {7, 20});
      EXPECT_TRUE(all_at_most(found.squared_distance, 1e-20)) << dim << axes;
      EXPECT_TRUE(all_at_most(space->distance(x, g->act(found.element, y)), 1e-10)) << dim << axes;
    }
}

TEST(PeriodicGroup, NoStepMakesTheDistanceLarger) {
  const SpacePtr space = box(9, 2);
  const auto g = group("axes: signs", space);
  Rng rng(4, "steps");
  const Tensor x = space->sample(50, rng, at::kDouble), y = space->sample(50, rng, at::kDouble);
  Tensor last = squared_distance(space, x, y);
  for (const int64_t iterations : {1, 2, 3, 5, 9, 30}) {
    const Tensor next = g->align(x, y, {1, iterations}).squared_distance;
    EXPECT_TRUE(all_at_most(next - last, 1e-12)) << iterations;
    last = next;
  }
  EXPECT_TRUE(last.equal(g->align(x, y, {1, 60}).squared_distance)) << "converged";
}

// Each x1 is the image of another row's x0: the coupling finds whose, and takes it back.
TEST(PeriodicCoupling, FindsPlantedPartners) {
  const SpacePtr space = box(5, 2, 2);
  const auto g = group("axes: all", space);
  Rng rng(5, "partners");
  const Tensor x0 = space->sample(16, rng, at::kDouble);
  const Tensor x1 = g->act(g->random(16, rng, at::kDouble), x0).index_select(0, rng.permutation(16));
  const auto coupling =
      chosen<CouplingChoice>("{type: equivariant_optimal_transport, group: {type: periodic, axes: all}, starts: 6}")
          .make({space});
  const Pair pair = coupling->couple({{x0}, {x1}}, rng);
  EXPECT_TRUE(all_at_most(space->distance(pair.x0[0], pair.x1[0]), 1e-9));
}

TEST(PeriodicGroup, IsForPeriodicClouds) {
  const SpacePtr torus = chosen<SpaceChoice>("{type: torus, dim: 2}").make();
  EXPECT_THROW(chosen<GroupChoice>("periodic").make(torus), ConfigError);
}

// The way to the other side leads through the face where that is shorter.
TEST(PeriodicCloud, DistancesGoThroughTheFaces) {
  const SpacePtr space = box(2, 1, 10);
  const Manifold& m = *space->manifold();
  const Tensor x = at::tensor({9., 2.}, at::kDouble).reshape({2, 1}),
               y = at::tensor({1., 4.}, at::kDouble).reshape({2, 1});
  EXPECT_TRUE(near(m.log(x, y), at::tensor({2., 2.}, at::kDouble).reshape({2, 1}), 1e-15));
  EXPECT_NEAR(m.distance(x, y).item<double>(), std::sqrt(8.), 1e-15);
  EXPECT_TRUE(near(m.exp(x, at::tensor({2., -3.}, at::kDouble).reshape({2, 1})),
                   at::tensor({1., 9.}, at::kDouble).reshape({2, 1}), 1e-15));
  EXPECT_NEAR(m.log_volume(), 2 * std::log(10.), 1e-15);
}

}  // namespace
}  // namespace genmatch
