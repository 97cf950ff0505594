#include "equivariant/clouds/point_cloud.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/data/dataset.h"
#include "core/data/npy.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/affine.h"
#include "core/process/source.h"
#include "tests/chosen.h"
#include "tests/temporary_folder.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

// Two particles on a line at x and -x: the subspace has the unit vector (1, -1) / sqrt(2), so that lengths in it are
// sqrt(2) x, and the density there is that of the standard normal on the line.
TEST(PointCloud, NormaliserIsThatOfTheSubspace) {
  const PointCloud pair({2, 1});
  const double x = 0.7, length = std::sqrt(2.) * x;
  const Tensor at_x = at::tensor({x, -x}, at::kDouble).reshape({1, 2, 1});
  EXPECT_NEAR(pair.log_base_density(at_x).item<double>(), -0.5 * length * length - 0.5 * std::log(2 * M_PI), 1e-14);
  const PointCloud dw4({4, 2}), lj13({13, 3});
  // The numbers by which published likelihoods without the normaliser differ.
  EXPECT_NEAR(dw4.log_base_density(at::zeros({4, 2}, at::kDouble)).item<double>(), -5.514, 5e-4);
  EXPECT_NEAR(lj13.log_base_density(at::zeros({13, 3}, at::kDouble)).item<double>(), -33.08, 5e-3);
}

TEST(PointCloud, TakesTheNormalSourceAndStraightLines) {
  const SpacePtr space = chosen<SpaceChoice>("{type: point_cloud, particles: 4, dim: 2}").make();
  EXPECT_TRUE(straight(*space));
  const SourcePtr normal = chosen<SourceChoice>("normal").make(space),
                  wide = chosen<SourceChoice>("{type: normal, scale: 2}").make(space);
  EXPECT_TRUE(is_normal(*normal, *space, 1));
  EXPECT_TRUE(is_normal(*wide, *space, 2));
  Rng rng(1, "source");
  const Tensor x = wide->sample(5000, rng, at::kDouble);
  EXPECT_LT(space->violation(x).max().item<double>(), 1e-14);
  // |x|^2 / 4 is chi-squared with 6 degrees of freedom.
  EXPECT_NEAR(x.square().sum({1, 2}).mean().item<double>() / 4, 6, 5 * std::sqrt(12 / 5000.));
}

// Published sets of particles are not quite centred.
TEST(PointCloud, ReadsArraysThatAreNotCentred) {
  const TemporaryFolder folder;
  Rng rng(2, "array");
  const Tensor raw = rng.normal({50, 8}, at::kDouble) + 3;
  write_npy(folder.path() + "/a.npy", raw);
  const SpacePtr space = chosen<SpaceChoice>("{type: point_cloud, particles: 4, dim: 2}").make();
  const auto read = [&](const std::string& format) {
    return chosen<DatasetChoice>("{type: npy, file: a.npy" + format + "}")
        .make({{space}, folder.path(), {}})
        ->rows()
        .x[0];
  };
  EXPECT_TRUE(near(read(", format: projected"), PointCloud::centred(raw.reshape({50, 4, 2})), 1e-12));
  EXPECT_THROW(read(""), DataError);
  // The mean of a coordinate is 3 and scatters by 1 / 2: the root mean square is 3.04, known to 0.5 / sqrt(100).
  const auto warnings = [&] {
    return chosen<DatasetChoice>("{type: npy, file: a.npy, format: projected}")
        .make({{space}, folder.path(), {}})
        ->load(0)
        .warnings;
  };
  ASSERT_EQ(warnings().size(), 1u);
  const std::string text = warnings()[0], before = "coordinates are moved by ";
  ASSERT_NE(text.find(before), std::string::npos) << text;
  EXPECT_NEAR(std::stod(text.substr(text.find(before) + before.size())), 3.04, 4 * 0.05);
  write_npy(folder.path() + "/a.npy", PointCloud::centred(raw.reshape({50, 4, 2})).to(at::kFloat));
  EXPECT_TRUE(warnings().empty()) << "but for the rounding of float32";
}

}  // namespace
}  // namespace genmatch
