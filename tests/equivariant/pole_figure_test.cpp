#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/data/delimited.h"
#include "core/numerics/rotation.h"
#include "tests/measure/helpers.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

class PoleFigure : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The numbers of a part of the picture of these orientations.
  Tensor drawn(const Tensor& orientations, const std::string& options) const {
    Bench bench({"so3"});
    bench.fill(1, 1, 1);
    for (Table* const part : {&bench.splits.train, &bench.splits.validation, &bench.splits.test})
      part->x = {orientations};
    Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), at::kDouble);
    chosen<FigureChoice>("{type: pole_figure, resolution: 20" + options + "}").make()->draw(evaluation, folder_);
    return read_delimited(folder_ + "/pole_figure-data.csv", {}).values;
  }
  std::string folder_ =
      (std::filesystem::temp_directory_path() / ("genmatch-poles-" + std::to_string(getpid()))).string();
};

// The c axis 60 degrees from the zenith, towards x: all twelve images have it there, or at the other end, at the radius
// 2 sin 30 degrees. The a axes of a cubic crystal turned by 45 degrees about z lie at the rim and at the zenith.
TEST_F(PoleFigure, PolesAreWhereTheyAreKnownToBe) {
  const Tensor tilted = (at::eye(3, at::kDouble) + rotation_less_identity(at::tensor({0., M_PI / 3, 0.}, at::kDouble)));
  const Tensor poles = drawn(tilted.unsqueeze(0), "");
  EXPECT_EQ(poles.size(0), 36);
  EXPECT_TRUE(near(poles, at::tensor({1., 0.}, at::kDouble).expand({36, 2}), 1e-9));

  const Tensor turned = (at::eye(3, at::kDouble) + rotation_less_identity(at::tensor({0., 0., M_PI / 4}, at::kDouble)));
  const Tensor radius =
      drawn(turned.unsqueeze(0), ", direction: [1, 0, 0], group: {type: crystal, symmetry: O}").norm(2, 1);
  EXPECT_EQ(radius.size(0), 72);
  EXPECT_EQ((radius < 1e-6).sum().item<int64_t>(), 24);
  EXPECT_EQ(((radius - std::sqrt(2.)).abs() < 1e-6).sum().item<int64_t>(), 48);
}

// In the tilted crystal the z axis of the sample lies 60 degrees from the c axis, towards -x.
TEST_F(PoleFigure, InverseFiguresShowDirectionsOfTheSample) {
  const Tensor tilted = (at::eye(3, at::kDouble) + rotation_less_identity(at::tensor({0., M_PI / 3, 0.}, at::kDouble)));
  const Tensor poles = drawn(tilted.unsqueeze(0), ", inverse: true, group: {type: crystal, symmetry: C1}");
  EXPECT_TRUE(near(poles, at::tensor({-1., 0.}, at::kDouble).expand({3, 2}), 1e-9));
}

}  // namespace
}  // namespace genmatch
