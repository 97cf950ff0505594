#include "core/data/coupling.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/groups/cloud_group.h"
#include "tests/chosen.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

SpacePtr clouds(int64_t n, int64_t d) { return std::make_shared<PointCloud>(PointCloud::Options{n, d}); }

std::shared_ptr<Coupling> make(const std::string& yaml, const SpacePtr& space) {
  return chosen<CouplingChoice>(yaml).make({space});
}

double cost(const Pair& pair) { return (pair.x0[0] - pair.x1[0]).square().sum().item<double>(); }

// Each x1 is the image of another row's x0: the coupling finds whose, and takes it back.
TEST(EquivariantOptimalTransport, FindsPlantedPartners) {
  const SpacePtr space = clouds(5, 3);
  Rng rng(1, "planted");
  const Tensor x0 = space->sample(20, rng, at::kDouble);
  const CloudGroup group({true, "orthogonal", false, {}}, 5, 3);
  const Tensor x1 = group.act(group.random(20, rng, at::kDouble), x0).index_select(0, rng.permutation(20));
  const auto coupling = make("{type: equivariant_optimal_transport, starts: 40, final_starts: 40}", space);
  const Pair pair = coupling->couple({{x0}, {x1}}, rng);
  EXPECT_TRUE(near(pair.x1[0], pair.x0[0], 1e-6));
}

TEST(EquivariantOptimalTransport, CostsLessThanOptimalTransport) {
  const SpacePtr space = clouds(13, 3);
  Rng rng(2, "costs");
  const Pair independent{{space->sample(64, rng, at::kFloat)}, {0.5 * space->sample(64, rng, at::kFloat)}};
  const double plain = cost(make("optimal_transport", space)->couple(independent, rng));
  const double once =
      cost(make("{type: equivariant_optimal_transport, iterations: 1}", space)->couple(independent, rng));
  const double often =
      cost(make("{type: equivariant_optimal_transport, starts: 9, final_starts: 30}", space)->couple(independent, rng));
  EXPECT_LT(once, 0.7 * plain);
  EXPECT_LT(often, once);
}

// Rotations only: the particles keep their places, so that x1 is a rigid motion of the row, and none is mirrored.
TEST(EquivariantOptimalTransport, KeepsToItsGroup) {
  const SpacePtr space = clouds(4, 3);
  Rng rng(3, "group");
  const Pair independent{{space->sample(30, rng, at::kDouble)}, {space->sample(30, rng, at::kDouble)}};
  const Pair pair =
      make("{type: equivariant_optimal_transport, group: {permutations: false, rotations: special_orthogonal}}", space)
          ->couple(independent, rng);
  const Tensor before = independent.x1[0], after = pair.x1[0];
  EXPECT_TRUE(near(at::cdist(after, after), at::cdist(before, before), 1e-6));
  const auto orientation = [](const Tensor& x) { return at::linalg_det(x.narrow(1, 0, 3) - x.narrow(1, 3, 1)); };
  EXPECT_TRUE(near(orientation(after), orientation(before), 1e-9));
  EXPECT_LT(cost(pair), cost(independent));
}

// Which row goes with which is only told by both factors together; the cloud is turned back, the number stays.
TEST(EquivariantOptimalTransport, ActsOnProductsFactorByFactor) {
  const SpacePtr cloud = clouds(4, 3), line = chosen<SpaceChoice>("{type: euclidean, dim: 1}").make();
  Rng rng(5, "product");
  Tensor x0 = cloud->sample(20, rng, at::kDouble), y0 = rng.normal({20, 1}, at::kDouble);
  x0.narrow(0, 10, 10).copy_(x0.narrow(0, 0, 10));  // two of each cloud, with different numbers
  const CloudGroup group({true, "orthogonal", false, {}}, 4, 3);
  const Tensor order = rng.permutation(20),
               x1 = group.act(group.random(20, rng, at::kDouble), x0.index_select(0, order)),
               y1 = y0.index_select(0, order);
  const auto coupling =
      chosen<CouplingChoice>(
          "{type: equivariant_optimal_transport, groups: [cloud, none], starts: 40, final_starts: 40}")
          .make({cloud, line});
  const Pair pair = coupling->couple({{x0, y0}, {x1, y1}}, rng);
  EXPECT_TRUE(near(pair.x1[0], pair.x0[0], 1e-6));
  EXPECT_TRUE(pair.x1[1].equal(pair.x0[1]));
  EXPECT_TRUE(pair.x1[1].equal(y1));
  EXPECT_FALSE(pair.x1[0].equal(x1));
}

TEST(EquivariantOptimalTransport, WantsAGroupForEachFactor) {
  const SpacePtr cloud = clouds(4, 2), line = chosen<SpaceChoice>("{type: euclidean, dim: 1}").make();
  EXPECT_THROW(make("equivariant_optimal_transport", line), ConfigError);
  EXPECT_THROW(chosen<CouplingChoice>("equivariant_optimal_transport").make({cloud, line}), ConfigError);
}

}  // namespace
}  // namespace genmatch
