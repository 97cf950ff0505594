#include <gtest/gtest.h>

#include <cmath>

#include "core/data/dataset.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "equivariant/groups/group.h"
#include "tests/chosen.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

const std::string kRows = "{type: csv, file: tests/cases/dataset/orientations.csv, format: quaternion_wxyz}";

class RandomImages : public testing::Test {
 protected:
  Splits load(const std::string& yaml, uint64_t seed) const {
    return chosen<DatasetChoice>(yaml).make({{space_}, GENMATCH_SOURCE_DIR, {}})->load(seed);
  }
  static std::string images(const std::string& options) {
    return "{type: random_images, group: {type: crystal, symmetry: D3}, data: " + kRows + options + "}";
  }
  SpacePtr space_ = chosen<SpaceChoice>("so3").make();
  std::shared_ptr<Group> group_ = chosen<GroupChoice>("{type: crystal, symmetry: D3}").make(space_);
};

TEST_F(RandomImages, RowsStayInTheirOrbits) {
  const Splits before = load(kRows, 1), after = load(images(""), 1);
  EXPECT_TRUE(
      near(group_->align(before.test.x[0], after.test.x[0]).squared_distance, at::zeros({6}, at::kDouble), 1e-12));
  EXPECT_TRUE(
      near(group_->align(before.train.x[0], after.train.x[0]).squared_distance, at::zeros({48}, at::kDouble), 1e-12));
  const Tensor moved = space_->distance(before.train.x[0], after.train.x[0]) > 1e-3;
  // One of six elements is the identity: binomial, 5 sigma.
  EXPECT_NEAR(moved.sum().item<double>(), 40, 5 * std::sqrt(48 * 5. / 36));
}

TEST_F(RandomImages, AllOfThemAreEachOnce) {
  const Splits before = load(kRows, 1), after = load(images(", training: all"), 1);
  ASSERT_EQ(after.train.rows(), 6 * 48);
  EXPECT_EQ(after.test.rows(), 6);
  const GroupElements all = *group_->elements(at::kDouble);
  for (int64_t row = 0; row < 5; ++row) {
    const Tensor orbit = group_->act(all, before.train.x[0].narrow(0, row, 1).expand({6, 3, 3}));
    const Tensor close = space_->distance(orbit.unsqueeze(1), after.train.x[0].unsqueeze(0)) < 1e-9;
    EXPECT_TRUE(close.sum(1).eq(1).all().item<bool>()) << row;
  }
}

TEST_F(RandomImages, AllNeedsAListedGroup) {
  const SpacePtr cloud = chosen<SpaceChoice>("{type: point_cloud, particles: 3, dim: 2}").make();
  const auto choice =
      chosen<DatasetChoice>("{type: random_images, group: cloud, training: all, data: {type: csv, file: a.csv}}");
  EXPECT_THROW(choice.make({{cloud}, "", {}}), ConfigError);
}

}  // namespace
}  // namespace genmatch
