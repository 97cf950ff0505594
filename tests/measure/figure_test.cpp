#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/data/delimited.h"
#include "core/data/npy.h"
#include "core/errors.h"
#include "core/ops.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FigureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("genmatch-figures-" + std::to_string(getpid()))).string();
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Draws the identity flow's picture and looks at the two files.
  void draw(Bench& bench, const std::string& figure) {
    Evaluation evaluation = bench.evaluation(std::make_shared<LinearFlow>(), at::kFloat);
    const auto pictures = chosen<FigureChoice>(figure).make()->draw(evaluation, folder_);
    ASSERT_EQ(pictures.size(), 2u);
    for (const std::string& picture : pictures) EXPECT_GT(fs::file_size(picture), 5000u) << picture;
  }
  Tensor table(const std::string& name) const { return read_delimited(folder_ + "/" + name, {}).values; }

  std::string folder_;
};

std::string refusal(const std::string& figure, const std::vector<std::string>& spaces) {
  Bench bench(spaces);
  try {
    chosen<FigureChoice>(figure).make()->check(bench.factors, bench.context);
  } catch (const OptionError& e) {
    return e.key() + "|" + e.what();
  }
  return "accepted";
}

TEST_F(FigureTest, MapOfTheUniformDensity) {
  Bench bench({"{type: sphere, dim: 2}"});
  bench.fill(30, 4, 5);
  std::ofstream(folder_ + "/coast.csv") << "line,lon,lat\n1,170,10\n1,-170,20\n2,0,0\n2,10,10\n2,20,10\n";
  bench.context.search = {folder_};
  draw(bench, "{type: map, resolution: 40, points: 20, centre: 150, coastline: coast.csv}");
  const Tensor density = table("map-density.csv");
  EXPECT_TRUE(
      at::allclose(density.select(1, 2), at::full({density.size(0)}, -std::log(4 * M_PI), at::kDouble), 0, 1e-4));
  // Of the 800 cells of the rectangle pi / 4 lie on the ellipse, by their centres.
  EXPECT_NEAR(static_cast<double>(density.size(0)), 800 * M_PI / 4, 12);
  EXPECT_EQ(table("map-data.csv").size(0), 20);
  EXPECT_EQ(table("map-samples.csv").size(0), 20);
  // The first line crosses the edge of no map centred at 150 degrees, so the five points are two lines.
  EXPECT_EQ(table("map-coastline.csv").size(0), 5);
}

TEST_F(FigureTest, RamachandranOfTheUniformDensity) {
  Bench bench({"{type: torus, dim: 2}"});
  bench.fill(30, 0, 5);
  bench.splits.train.columns = {"phi", "psi"};
  draw(bench, "{type: ramachandran, resolution: 20}");
  const Tensor density = table("ramachandran-density.csv");
  EXPECT_EQ(density.size(0), 400);
  EXPECT_TRUE(at::allclose(density.select(1, 2), at::full({400}, -2 * std::log(2 * M_PI), at::kDouble), 0, 1e-4));
  EXPECT_EQ(table("ramachandran-data.csv").size(0), 35);
}

TEST_F(FigureTest, RamachandranOfMoreAnglesCounts) {
  Bench bench({"{type: torus, dim: 3}"});
  bench.fill(200, 0, 50);
  draw(bench, "{type: ramachandran, axes: [3, 1]}");
  const Tensor density = read_npy(folder_ + "/ramachandran-data-histogram.npy").to(at::kDouble);
  EXPECT_EQ(density.sizes(), (Shape{36, 36}));
  EXPECT_FALSE(fs::exists(folder_ + "/ramachandran-density.csv"));
}

TEST_F(FigureTest, PlaneOfANormalDensity) {
  Bench bench({"{type: euclidean, dim: 2}"});
  bench.fill(300, 0, 50);
  draw(bench, "{type: plane, resolution: 30, trajectories: 3}");
  const Tensor density = table("plane-density.csv"), x = density.narrow(1, 0, 2);
  EXPECT_TRUE(at::allclose(density.select(1, 2), -x.square().sum(1) / 2 - std::log(2 * M_PI), 0, 1e-4));
  EXPECT_EQ(table("plane-trajectories.csv").size(0), 3 * 41);
}

TEST_F(FigureTest, NoMarksAtAll) {
  Bench bench({"{type: sphere, dim: 2}"});
  draw(bench, "{type: map, resolution: 16, points: 0}");
}

TEST(FigureCheckTest, OtherSpacesAreToldWhatFits) {
  EXPECT_THAT(refusal("map", {"{type: torus, dim: 2}"}), HasSubstr("got T^2; use ramachandran"));
  EXPECT_THAT(refusal("map", {"{type: sphere, dim: 3}"}), HasSubstr("got S^3"));
  EXPECT_THAT(refusal("map", {"{type: sphere, dim: 2}", "{type: euclidean, dim: 1}"}), HasSubstr("got S^2 x R^1"));
  EXPECT_THAT(refusal("ramachandran", {"{type: torus, dim: 1}"}), HasSubstr("got T^1"));
  EXPECT_THAT(refusal("ramachandran", {"{type: euclidean, dim: 2}"}), HasSubstr("plane on R^2"));
  EXPECT_THAT(refusal("{type: ramachandran, axes: [1, 4]}", {"{type: torus, dim: 3}"}),
              HasSubstr("axes|T^3 has no angle 4"));
  EXPECT_THAT(refusal("plane", {"{type: euclidean, dim: 3}"}), HasSubstr("got R^3"));
  EXPECT_THAT(refusal("{type: map, coastline: nowhere.csv}", {"{type: sphere, dim: 2}"}), HasSubstr("coastline|"));
  EXPECT_EQ(refusal("plane", {"{type: euclidean, dim: 2}"}), "accepted");
}

TEST(FigureOptionsTest, AxesMustBeTwo) {
  for (const char* axes : {"[1]", "[1, 1]", "[0, 1]", "[1, 2, 3]"})
    EXPECT_THROW(chosen<FigureChoice>(std::string("{type: ramachandran, axes: ") + axes + "}").make(), ConfigError);
}

}  // namespace
}  // namespace genmatch
