// The laws of equivariant/groups/group.h.
#include "equivariant/groups/group.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/process/manifold.h"
#include "tests/conformance/cases.h"
#include "tests/manifold_sampling.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

struct GroupCase {
  SpaceChoice space;
  GroupChoice group;
  void fields(Fields& f) {
    f("space", space, "what is acted on", required);
    f("group", group, "the symmetries", required);
  }
};

class GroupLaws : public testing::TestWithParam<TypedCase> {
 protected:
  void SetUp() override {
    const GroupCase options = read_case<GroupCase>(GetParam().c);
    ASSERT_EQ(options.group.name(), GetParam().c.name);
    space_ = options.space.make();
    group_ = options.group.make(space_);
  }
  const Manifold& m() const { return *space_->manifold(); }
  at::TensorOptions like() const { return at::TensorOptions().dtype(GetParam().dtype); }
  bool single() const { return GetParam().dtype == at::kFloat; }
  double roundings(double n) const { return n * (single() ? 0x1p-23 : 0x1p-52); }
  Tensor points(int64_t n) { return space_->sample(n, rng_, like()); }
  GroupElements random(int64_t n) { return group_->random(n, rng_, like()); }
  Tensor squared_distance(const Tensor& x, const Tensor& y) const {
    return m().distance(x.to(at::kDouble), y.to(at::kDouble)).square();
  }

  SpacePtr space_;
  std::shared_ptr<Group> group_;
  Rng rng_{5, "group laws"};
};

TEST_P(GroupLaws, 1_ElementsKeepPointsAndDistances) {
  for (const int64_t n : {0, 1, 50}) {
    const GroupElements g = random(n);
    const Tensor x = points(n), y = points(n), gx = group_->act(g, x);
    EXPECT_EQ(gx.sizes(), x.sizes());
    EXPECT_EQ(gx.scalar_type(), GetParam().dtype);
    EXPECT_TRUE(all_at_most(m().violation(gx), roundings(20)));
    EXPECT_TRUE(near(m().distance(gx, group_->act(g, y)), m().distance(x, y), roundings(50)));
    EXPECT_TRUE(all_at_most(m().distance(group_->act(group_->inverse(g), gx), x), roundings(50)));
  }
  const Tensor x = points(4);
  const GroupElements one = random(1);
  for (int64_t i = 0; i < 4; ++i)
    EXPECT_TRUE(group_->act(one, x).narrow(0, i, 1).equal(group_->act(one, x.narrow(0, i, 1))));
}

TEST_P(GroupLaws, 2_PushIsTheDerivative) {
  const GroupElements g = random(50);
  const Tensor x = points(50), v = random_tangent(m(), x, 0.3, rng_), gx = group_->act(g, x),
               pushed = group_->push(g, v);
  EXPECT_TRUE(near(m().to_tangent(gx, pushed), pushed, roundings(30)));
  EXPECT_TRUE(all_at_most(m().distance(m().exp(gx, pushed), group_->act(g, m().exp(x, v))), roundings(50)));
}

TEST_P(GroupLaws, 3_AlignmentFindsWhatItSaysAndNoMoreThanTheDistance) {
  const Tensor x = points(7), y = points(7);
  const Alignment found = group_->align(x, y, {3, 10});
  EXPECT_EQ(found.squared_distance.scalar_type(), at::kDouble);
  EXPECT_TRUE(
      near(found.squared_distance, squared_distance(x, group_->act(found.element, y)), single() ? 1e-5 : 1e-10));
  EXPECT_TRUE(all_at_most(found.squared_distance - squared_distance(x, y), single() ? 1e-5 : 1e-10));
  const Tensor all = group_->squared_orbit_distances(x, y, {3, 10});
  ASSERT_EQ(all.sizes(), at::IntArrayRef({7, 7}));
  for (int64_t j = 0; j < 7; ++j) {
    const Tensor to_j = group_->align(x, y.narrow(0, j, 1).expand_as(y), {3, 10}).squared_distance;
    EXPECT_TRUE(near(all.select(1, j), to_j, 1e-9));
  }
  EXPECT_EQ(group_->squared_orbit_distances(x.narrow(0, 0, 0), y).sizes(), at::IntArrayRef({0, 7}));
}

TEST_P(GroupLaws, 4_PlantedSymmetriesAreFound) {
  const int64_t n = 60;
  const Tensor x = points(n), y = group_->act(random(n), x);
  const Tensor distance = group_->align(x, y, {60, 30}).squared_distance;
  const double share = (distance < (single() ? 1e-6 : 1e-10)).to(at::kDouble).mean().item<double>();
  EXPECT_GE(share, 0.95);
}

// Means over g of a function of g x that knows no symmetry are those over g of g h x, for one h.
TEST_P(GroupLaws, 5_RandomElementsAreUniform) {
  if (single()) GTEST_SKIP() << "the law is that of float64";
  const int64_t n = 4000;
  const Tensor x = points(1), y = group_->act(random(1), x);
  const auto features = [&](const Tensor& point) {
    const Tensor f = m().features(group_->act(random(n), point.expand({n, -1, -1})));
    return at::cat({f, f.square(), f * f.roll(1, -1)}, -1);
  };
  const Tensor a = features(x), b = features(y), sem = ((a.var(0) + b.var(0)) / n).sqrt();
  EXPECT_TRUE(all_at_most((a.mean(0) - b.mean(0)).abs() - 5 * sem, 1e-12));
}

TEST_P(GroupLaws, 6_ListedElementsAreAGroup) {
  const auto listed = group_->elements(like());
  if (!listed) GTEST_SKIP() << "too many to be listed";
  const int64_t order = (*listed)[0].size(0);
  const Tensor x = points(1);
  // A point that no element keeps tells elements apart by its images.
  const Tensor images = group_->act(*listed, x.expand({order, -1, -1}));
  EXPECT_TRUE(all_at_most(m().distance(x[0], images[0]), roundings(10))) << "the identity is first";
  const Tensor apart = m().distance(images.unsqueeze(0), images.unsqueeze(1)) + 10 * at::eye(order, like());
  EXPECT_GT(apart.min().item<double>(), 1e-3);
  const auto one_of_them = [&](const Tensor& points) {
    return all_at_most(std::get<0>(m().distance(points.unsqueeze(1), images.unsqueeze(0)).min(1)), roundings(100));
  };
  EXPECT_TRUE(one_of_them(group_->act(group_->inverse(*listed), x.expand({order, -1, -1}))));
  for (int64_t i = 0; i < order; ++i) {
    const GroupElements g = select(*listed, at::full({1}, i, at::kLong));
    EXPECT_TRUE(one_of_them(group_->act(g, images))) << "products of element " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, GroupLaws, testing::ValuesIn(typed_cases("group")), label);

}  // namespace
}  // namespace genmatch
