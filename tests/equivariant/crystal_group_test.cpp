// What is known about the groups of crystals beyond the laws of all groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/data/coupling.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "equivariant/groups/group.h"
#include "equivariant/groups/point_groups.h"
#include "tests/chosen.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using Counts = std::map<int, int>;  // from angles in degrees to how many elements turn by them

Counts angles(const Tensor& group) {
  Counts counts;
  const Tensor trace = group.diagonal(0, 1, 2).sum(1);
  const Tensor angle = ((trace - 1) / 2).clamp(-1, 1).acos().rad2deg().round();
  for (int64_t i = 0; i < group.size(0); ++i) ++counts[static_cast<int>(angle[i].item<double>())];
  return counts;
}

// International Tables A, 10.1.2: how many axes of which order each has.
TEST(PointGroups, HaveTheirAxes) {
  const std::map<std::string, Counts> known{{"C1", {{0, 1}}},
                                            {"C2", {{0, 1}, {180, 1}}},
                                            {"C3", {{0, 1}, {120, 2}}},
                                            {"C4", {{0, 1}, {90, 2}, {180, 1}}},
                                            {"C6", {{0, 1}, {60, 2}, {120, 2}, {180, 1}}},
                                            {"D2", {{0, 1}, {180, 3}}},
                                            {"D3", {{0, 1}, {120, 2}, {180, 3}}},
                                            {"D4", {{0, 1}, {90, 2}, {180, 5}}},
                                            {"D6", {{0, 1}, {60, 2}, {120, 2}, {180, 7}}},
                                            {"T", {{0, 1}, {120, 8}, {180, 3}}},
                                            {"O", {{0, 1}, {90, 6}, {120, 8}, {180, 9}}}};
  for (const auto& [name, counts] : known) EXPECT_EQ(angles(point_group(name)), counts) << name;
}

TEST(PointGroups, AreClosed) {
  const Tensor eye = at::eye(3, at::kDouble);
  for (const std::string& name : point_group_names()) {
    const Tensor g = point_group(name), order = at::tensor(g.size(0));
    EXPECT_TRUE(near(g[0], eye, 1e-15)) << name;
    EXPECT_TRUE(near(g.matmul(g.transpose(1, 2)), eye.expand_as(g), 1e-14)) << name;
    EXPECT_TRUE(near(at::linalg_det(g), at::ones({g.size(0)}, at::kDouble), 1e-14)) << name;
    // Each of g h^{-1} is exactly one of the elements: they are different, and a group.
    const Tensor quotients = g.unsqueeze(1).matmul(g.transpose(1, 2)).flatten(0, 1);
    const Tensor off = (quotients.unsqueeze(1) - g).flatten(2).norm(2, 2);
    EXPECT_TRUE((off < 1e-12).sum(1).eq(1).all().item<bool>()) << name;
  }
  EXPECT_THROW(point_group("D5"), ContractError);
  EXPECT_THROW(point_group(""), ContractError);
}

TEST(PointGroups, OneGroupHasSeveralNames) {
  for (const auto& names : std::vector<std::vector<std::string>>{{"hexagonal", "D6", "622"},
                                                                 {"cubic", "O", "432"},
                                                                 {"trigonal", "D3", "32"},
                                                                 {"orthorhombic", "D2", "222"},
                                                                 {"tetragonal", "D4", "422"},
                                                                 {"monoclinic", "C2", "2"},
                                                                 {"triclinic", "C1", "1"}})
    for (const std::string& name : names) EXPECT_TRUE(point_group(name).equal(point_group(names[0]))) << name;
}

class CrystalGroup : public testing::Test {
 protected:
  std::shared_ptr<Group> group(const std::string& options) const {
    return chosen<GroupChoice>("{type: crystal, " + options + "}").make(space_);
  }
  Tensor points(int64_t n, uint64_t seed) const {
    Rng rng(seed, "orientations");
    return space_->sample(n, rng, at::kDouble);
  }
  Tensor distance(const Tensor& x, const Tensor& y) const { return space_->distance(x, y); }
  SpacePtr space_ = chosen<SpaceChoice>("so3").make();
};

TEST_F(CrystalGroup, OrbitDistancesAreTheLeastOfAllElements) {
  const Tensor x = points(20, 1), y = points(30, 2);
  for (const char* options : {"symmetry: hexagonal", "symmetry: cubic", "symmetry: T, sample: orthorhombic"}) {
    const auto g = group(options);
    const GroupElements all = *g->elements(at::kDouble);
    Tensor least = at::full({20, 30}, 10, at::kDouble);
    for (int64_t i = 0; i < all[0].size(0); ++i) {
      const Tensor image = g->act(select(all, at::full({1}, i, at::kLong)), y);
      least = at::minimum(least, distance(x.unsqueeze(1), image.unsqueeze(0)));
    }
    EXPECT_TRUE(near(g->squared_orbit_distances(x, y), least.square(), 1e-12)) << options;
  }
}

// The greatest angle between two crystals (Grimmer 1979, doi:10.1016/0036-9748(79)90058-9), and for cubic ones its
// mean over all orientations, 40.736 degrees, with the standard deviation 11.3 (Mackenzie 1958,
// doi:10.1093/biomet/45.1-2.229).
TEST_F(CrystalGroup, AnglesBetweenCrystalsAreAsGreatAsIsKnown) {
  const Tensor x = points(300, 3), y = points(300, 4);
  const std::map<std::string, double> greatest{{"O", 62.7994},   {"D6", 93.8406}, {"D4", 98.4211},
                                               {"D3", 104.4775}, {"D2", 120},     {"T", 90}};
  for (const auto& [name, most] : greatest) {
    const Tensor angle = group("symmetry: " + name)->squared_orbit_distances(x, y).sqrt().rad2deg();
    EXPECT_LE(angle.max().item<double>(), most + 1e-3) << name;
    EXPECT_GE(angle.max().item<double>(), 0.94 * most) << name;
  }
  const Tensor many = points(20000, 5), identity = at::eye(3, at::kDouble).unsqueeze(0);
  const Tensor angle = group("symmetry: cubic")->squared_orbit_distances(many, identity).sqrt().rad2deg();
  EXPECT_NEAR(angle.mean().item<double>(), 40.736, 5 * 11.5 / std::sqrt(20000.) + 5e-4);
}

TEST_F(CrystalGroup, CrystalActsFromTheRightAndSampleFromTheLeft) {
  const Tensor x = points(1, 6), turned = point_group("D6")[3];
  const auto crystal = group("symmetry: D6"), sample = group("symmetry: C1, sample: D6");
  EXPECT_NEAR(crystal->squared_orbit_distances(x, x.matmul(turned)).item<double>(), 0, 1e-14);
  EXPECT_NEAR(sample->squared_orbit_distances(x, turned.matmul(x)).item<double>(), 0, 1e-14);
  EXPECT_GT(crystal->squared_orbit_distances(x, turned.matmul(x)).item<double>(), 1e-3);
  EXPECT_GT(sample->squared_orbit_distances(x, x.matmul(turned)).item<double>(), 1e-3);
}

// Each element is drawn as often as any other: multinomial counts, 5 sigma.
TEST_F(CrystalGroup, RandomElementsAreUniform) {
  const auto g = group("symmetry: D3, sample: C2");
  Rng rng(7, "elements");
  const int64_t n = 12000;
  const Tensor images = g->act(g->random(n, rng, at::kDouble), points(1, 8).expand({n, 3, 3}));
  const Tensor all = g->act(*g->elements(at::kDouble), points(1, 8).expand({12, 3, 3}));
  const Tensor count = (distance(images.unsqueeze(1), all.unsqueeze(0)) < 1e-9).sum(0).to(at::kDouble);
  EXPECT_EQ(count.sum().item<double>(), n);
  EXPECT_LE((count - n / 12.).abs().max().item<double>(), 5 * std::sqrt(n / 12.));
}

// Each x1 is the image of another row's x0: the coupling finds whose, and takes it back.
TEST_F(CrystalGroup, CouplingFindsPlantedPartners) {
  const auto g = group("symmetry: cubic, sample: D2");
  Rng rng(9, "partners");
  const Tensor x0 = points(40, 10),
               x1 = g->act(g->random(40, rng, at::kDouble), x0).index_select(0, rng.permutation(40));
  const auto coupling =
      chosen<CouplingChoice>(
          "{type: equivariant_optimal_transport, group: {type: crystal, symmetry: cubic, sample: D2}}")
          .make({space_});
  const Pair pair = coupling->couple({{x0}, {x1}}, rng);
  EXPECT_TRUE(all_at_most(distance(pair.x0[0], pair.x1[0]), 1e-9));
}

// Within the batch no pair is farther apart than the symmetries leave it, and their sum is that of the best assignment,
// which neither keeping the pairs nor transport without the group can better.
TEST_F(CrystalGroup, CouplingCostsLessThanTransportAndKeepsOrbits) {
  const auto g = group("symmetry: hexagonal");
  Rng rng(11, "costs");
  const Pair independent{{points(64, 12)}, {points(64, 13)}};
  const auto coupled = [&](const std::string& yaml) {
    return chosen<CouplingChoice>(yaml).make({space_})->couple(independent, rng);
  };
  const auto cost = [&](const Pair& pair) { return distance(pair.x0[0], pair.x1[0]).square().sum().item<double>(); };
  const Pair pair = coupled("{type: equivariant_optimal_transport, group: crystal}");
  EXPECT_LT(cost(pair), 0.7 * cost(coupled("optimal_transport")));
  EXPECT_LT(cost(coupled("optimal_transport")), cost(independent));
  EXPECT_TRUE(near(g->align(pair.x1[0], independent.x1[0]).squared_distance, at::zeros({64}, at::kDouble), 1e-12));
  const Tensor best = g->align(pair.x0[0], pair.x1[0]).squared_distance;
  EXPECT_TRUE(near(best, distance(pair.x0[0], pair.x1[0]).square(), 1e-12)) << "x1 is its closest image";
}

TEST_F(CrystalGroup, IsForOrientations) {
  const SpacePtr sphere = chosen<SpaceChoice>("{type: sphere, dim: 2}").make();
  EXPECT_THROW(chosen<GroupChoice>("crystal").make(sphere), ConfigError);
  EXPECT_THROW(chosen<GroupChoice>("{type: crystal, symmetry: D5}"), ConfigError);
}

}  // namespace
}  // namespace genmatch
