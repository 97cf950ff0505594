#include "equivariant/groups/cloud_group.h"

#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/ops.h"
#include "core/transport/assignment.h"
#include "equivariant/alignment/kabsch.h"
#include "equivariant/alignment/small_assignment.h"
#include "equivariant/clouds/point_cloud.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using Points = Eigen::Matrix<double, 3, Eigen::Dynamic>;

double distance(const Points& x, const Points& y, const Turn<3>& r) { return (x - r * y).squaredNorm(); }

CloudGroup group(const std::string& rotations, bool permutations, int64_t n, int64_t d, bool translations = false,
                 std::vector<int64_t> species = {}) {
  return CloudGroup({permutations, rotations, translations, std::move(species)}, n, d);
}

Tensor clouds(int64_t n, int64_t particles, int64_t dim, uint64_t seed) {
  Rng rng(seed, "clouds");
  return PointCloud::centred(rng.normal({n, particles, dim}, at::kDouble));
}

Tensor squared_distance(const Tensor& x, const Tensor& y) { return (x - y).square().sum({-2, -1}); }

// Rotations by known angles are found again, and reflections only where they are allowed.
TEST(Kabsch, FindsKnownRotations) {
  const Points y = Points::Random(3, 6);
  for (const double angle : {0., 1e-9, 0.3, M_PI / 2, 3., M_PI}) {
    const Turn<3> r = Eigen::AngleAxisd(angle, Eigen::Vector3d(1, -2, 0.5).normalized()).toRotationMatrix();
    const Turn<3> found = kabsch<3>(r * y * y.transpose(), false);
    EXPECT_LT((found - r).norm(), 1e-12) << angle;
    const Turn<3> mirrored = -r;
    EXPECT_LT((kabsch<3>(mirrored * y * y.transpose(), true) - mirrored).norm(), 1e-12);
    EXPECT_NEAR(kabsch<3>(mirrored * y * y.transpose(), false).determinant(), 1, 1e-12);
  }
}

// Umeyama's similarity from Eigen solves the same problem with a scale and a shift, which centred clouds of a pure
// rotation do not have; its rotation is that of Kabsch whatever the noise.
TEST(Kabsch, AgreesWithEigensUmeyama) {
  for (int i = 0; i < 50; ++i) {
    Points x = Points::Random(3, 7), y = Points::Random(3, 7);
    x.colwise() -= x.rowwise().mean().eval();
    y.colwise() -= y.rowwise().mean().eval();
    const Turn<3> expected = Eigen::umeyama(y, x, false).topLeftCorner<3, 3>();
    EXPECT_LT((kabsch<3>(x * y.transpose(), false) - expected).norm(), 1e-9);
  }
}

// Whatever the matrix (collinear, planar and coincident points, exact mirror images), no rotation does better.
TEST(Kabsch, IsOptimalForDegenerateClouds) {
  Points line(3, 4), plane = Points::Random(3, 5), same(3, 3);
  line << 0, 1, 2, -3, 0, 2, 4, -6, 0, -1, -2, 3;
  plane.row(2).setZero();
  same.setConstant(0.7);
  Points mirrored = plane;
  mirrored.row(0) *= -1;
  const std::vector<std::pair<Points, Points>> pairs{{line, line},      {line, -line}, {plane, plane},
                                                     {plane, mirrored}, {same, same},  {same, 0 * same}};
  for (const auto& [x, y] : pairs)
    for (const bool reflections : {false, true}) {
      const Turn<3> best = kabsch<3>(x * y.transpose(), reflections);
      EXPECT_LT((best * best.transpose() - Turn<3>::Identity()).norm(), 1e-12);
      if (!reflections) {
        EXPECT_NEAR(best.determinant(), 1, 1e-12);
      }
      for (int i = 0; i < 200; ++i) {
        const Turn<3> other = Eigen::Quaterniond::UnitRandom().toRotationMatrix() * (reflections && i % 2 ? -1 : 1);
        EXPECT_LE(distance(x, y, best), distance(x, y, other) + 1e-12);
      }
    }
}

TEST(Kabsch, TurnsThePlane) {
  const Turn<2> r = Eigen::Rotation2Dd(2.1).toRotationMatrix();
  const Eigen::Matrix<double, 2, 5> y = Eigen::Matrix<double, 2, 5>::Random();
  EXPECT_LT((kabsch<2>(r * y * y.transpose(), false) - r).norm(), 1e-12);
  Turn<2> mirror = r;
  mirror.col(1) *= -1;
  EXPECT_LT((kabsch<2>(mirror * y * y.transpose(), true) - mirror).norm(), 1e-12);
}

void set_costs(SmallAssignment& solver, const Tensor& cost) {
  for (int64_t i = 0; i < cost.size(0); ++i)
    std::copy_n(cost[i].contiguous().data_ptr<double>(), cost.size(1), solver.row(i));
}

// The solver for large problems is the oracle, and its dual solution the proof.
TEST(SmallAssignment, CostsAsLittleAsTheExactOne) {
  Rng rng(1, "assignment");
  for (const int64_t n : {1, 2, 3, 4, 7, 8, 13, 55, 64, 100})
    for (int i = 0; small_assignment_kernels(i) != nullptr; ++i) {
      SmallAssignment solver(n, *small_assignment_kernels(i));
      for (int repeat = 0; repeat < 40; ++repeat) {
        Tensor cost = rng.normal({n, n}, at::kDouble);
        if (repeat % 2 != 0) cost = (2 * cost).round();  // ties
        if (repeat % 4 == 3) cost.masked_fill_((rng.uniform({n, n}, at::kDouble) < 0.3) & (at::eye(n) == 0), INFINITY);
        set_costs(solver, cost);
        if (repeat % 3 == 0) {
          solver.solve();
        } else {
          if (repeat % 3 == 1) std::copy_n(rng.normal({n}, at::kDouble).data_ptr<double>(), n, solver.potentials());
          solver.solve_from_potentials();
        }
        const Tensor columns = at::tensor(solver.columns());
        EXPECT_TRUE(std::get<0>(columns.sort()).equal(at::arange(n, at::kLong)));
        EXPECT_NEAR(cost.gather(1, columns.unsqueeze(1)).sum().item<double>(), assign(cost).cost, 1e-10) << n;
      }
    }
  Tensor forbidden = at::zeros({3, 3}, at::kDouble);
  forbidden.narrow(0, 0, 2).narrow(1, 0, 2).fill_(INFINITY);
  forbidden[1][2] = INFINITY;
  SmallAssignment solver(3);
  set_costs(solver, forbidden);
  EXPECT_THROW(solver.solve(), ContractError);
}

TEST(CloudGroup, RandomElementsKeepDistancesAndSpecies) {
  const Tensor x = clouds(200, 5, 3, 1);
  Rng rng(2, "elements");
  const CloudGroup g = group("special_orthogonal", true, 5, 3, true, {0, 1, 0, 1, 1});
  const GroupElements e = g.random(200, rng, at::kDouble);
  EXPECT_TRUE(near(at::linalg_det(CloudGroup::rotation(e)), at::ones({200}, at::kDouble), 1e-12));
  const Tensor species = at::tensor({0, 1, 0, 1, 1}, at::kLong);
  EXPECT_TRUE(species.take(CloudGroup::permutation(e)).equal(species.expand({200, 5})));
  const auto sorted = [](const Tensor& c) { return std::get<0>(at::cdist(c, c).flatten(1).sort(1)); };
  EXPECT_TRUE(near(sorted(g.act(e, x)), sorted(x), 1e-6));
  // Each of the 2! 3! orders, and reflections, come about equally often.
  const Tensor orders = std::get<0>(at::unique_dim(CloudGroup::permutation(g.random(2000, rng, at::kDouble)), 0));
  EXPECT_EQ(orders.size(0), 12);
  const Tensor det =
      at::linalg_det(CloudGroup::rotation(group("orthogonal", false, 5, 3).random(1000, rng, at::kDouble)));
  EXPECT_NEAR(det.mean().item<double>(), 0, 5 / std::sqrt(1000.));
  // Haar: the mean of R is zero, that of its squared entries 1/3.
  const Tensor r = CloudGroup::rotation(g.random(3000, rng, at::kDouble));
  EXPECT_TRUE(near(r.mean(0), at::zeros({3, 3}, at::kDouble), 5 * std::sqrt(1 / 3. / 3000)));
  EXPECT_TRUE(near(r.square().mean(0), at::full({3, 3}, 1 / 3., at::kDouble), 5 * 0.3 / std::sqrt(3000.)));
}

class Planted : public testing::TestWithParam<std::tuple<std::string, bool, bool, int64_t>> {};

// A symmetry that was applied is found again: the clouds coincide after alignment.
TEST_P(Planted, SymmetryIsFound) {
  const auto [rotations, permutations, translations, dim] = GetParam();
  const int64_t particles = 6, n = 100;
  const CloudGroup g = group(rotations, permutations, particles, dim, translations);
  const Tensor x = clouds(n, particles, dim, 3);
  Rng rng(4, "planted");
  const Tensor y = g.act(g.random(n, rng, at::kDouble), x);
  const Alignment found = g.align(x, y, {40, 20});
  EXPECT_TRUE(near(found.squared_distance, squared_distance(x, g.act(found.element, y)), 1e-10));
  EXPECT_TRUE(near(g.act(found.element, y), x, 1e-6));
  if (rotations == "special_orthogonal") {
    EXPECT_TRUE(near(at::linalg_det(CloudGroup::rotation(found.element)), at::ones({n}, at::kDouble), 1e-10));
  }
}

INSTANTIATE_TEST_SUITE_P(Groups, Planted,
                         testing::Combine(testing::Values("none", "special_orthogonal", "orthogonal"), testing::Bool(),
                                          testing::Bool(), testing::Values(1, 2, 3)));

// Brute force over all permutations, Kabsch at each, is the distance of the orbits; many starts find it nearly always,
// and nothing finds less.
Tensor least_of_all_permutations(const Tensor& x, const Tensor& y, const std::string& rotations) {
  const CloudGroup turns = group(rotations, false, x.size(1), x.size(2));
  Tensor least = at::full({x.size(0)}, INFINITY, at::kDouble);
  std::vector<int64_t> order(static_cast<std::size_t>(x.size(1)));
  std::iota(order.begin(), order.end(), int64_t{0});
  do {
    least = at::minimum(least, turns.align(x, y.index_select(1, at::tensor(order))).squared_distance);
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

TEST(Alignment, IsExactForFewParticlesInThePlane) {
  for (const char* const rotations : {"orthogonal", "special_orthogonal"})
    for (const int64_t particles : {1, 2, 4, 5}) {
      const Tensor x = clouds(40, particles, 2, 5), y = clouds(40, particles, 2, 6);
      const Alignment found = group(rotations, true, particles, 2).align(x, y);
      EXPECT_TRUE(near(found.squared_distance, least_of_all_permutations(x, y, rotations), 1e-12))
          << rotations << " " << particles;
    }
}

TEST(Alignment, ReachesTheLeastDistanceOfAllPermutations) {
  const int64_t n = 60, particles = 4;
  const Tensor x = clouds(n, particles, 3, 5), y = clouds(n, particles, 3, 6);
  const Tensor least = least_of_all_permutations(x, y, "orthogonal");
  const CloudGroup g = group("orthogonal", true, particles, 3);
  const Tensor once = g.align(x, y).squared_distance, often = g.align(x, y, {60, 20}).squared_distance;
  EXPECT_TRUE(all_at_most(least - often, 1e-10));
  EXPECT_TRUE(all_at_most(often - once, 1e-10));
  EXPECT_GE((often - least < 1e-9).to(at::kDouble).mean().item<double>(), 0.95);
}

TEST(Alignment, NoStepMakesTheDistanceLarger) {
  for (const int64_t dim : {2, 3}) {
    const Tensor x = clouds(100, 13, dim, 7), y = clouds(100, 13, dim, 8);
    const CloudGroup g = group("special_orthogonal", true, 13, dim);
    Tensor last = squared_distance(x, y);
    for (const int64_t iterations : {1, 2, 3, 4, 6, 10, 30}) {
      const Tensor next = g.align(x, y, {1, iterations}).squared_distance;
      EXPECT_TRUE(all_at_most(next - last, 1e-10)) << iterations;
      last = next;
    }
    EXPECT_TRUE(last.equal(g.align(x, y, {1, 60}).squared_distance)) << "converged";
  }
}

TEST(Alignment, AllPairsAreThePairsOneByOne) {
  const Tensor x = clouds(5, 4, 3, 9), y = clouds(7, 4, 3, 10);
  const CloudGroup g = group("orthogonal", true, 4, 3);
  const Tensor all = g.squared_orbit_distances(x, y);
  ASSERT_EQ(all.sizes(), at::IntArrayRef({5, 7}));
  for (int64_t i = 0; i < 5; ++i)
    for (int64_t j = 0; j < 7; ++j)
      EXPECT_EQ(all[i][j].item<double>(),
                g.align(x.narrow(0, i, 1), y.narrow(0, j, 1)).squared_distance.item<double>());
  EXPECT_EQ(g.squared_orbit_distances(x.narrow(0, 0, 0), y).sizes(), at::IntArrayRef({0, 7}));
}

TEST(Alignment, SpeciesDoNotMix) {
  const Tensor x = clouds(50, 4, 2, 11), y = clouds(50, 4, 2, 12);
  const CloudGroup g = group("orthogonal", true, 4, 2, false, {0, 1, 1, 0});
  const Tensor species = at::tensor({0, 1, 1, 0}, at::kLong);
  const Tensor found = CloudGroup::permutation(g.align(x, y, {10, 20}).element);
  EXPECT_TRUE(species.take(found).equal(species.expand({50, 4})));
}

TEST(CloudGroup, RefusesWhatItCannotDo) {
  EXPECT_THROW(group("orthogonal", true, 4, 4), OptionError);
  EXPECT_THROW(group("orthogonal", true, 4, 2, false, {0, 1}), OptionError);
  EXPECT_THROW(group("none", true, 4, 2).align(clouds(2, 4, 3, 1), clouds(2, 4, 3, 1)), ContractError);
}

}  // namespace
}  // namespace genmatch
