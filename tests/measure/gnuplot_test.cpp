#include "core/measure/gnuplot.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/data/npy.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class GnuplotTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("genmatch it's a test " + std::to_string(getpid()))).string();
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string read(const std::string& name) const {
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string folder_;
};

std::string message(const Plot& plot) {
  try {
    plot.draw();
  } catch (const IoError& e) {
    return e.what();
  }
  return "no error";
}

TEST(GnuplotLiteralTest, HoldsAnyText) {
  EXPECT_EQ(gnuplot_literal("plain"), "'plain'");
  EXPECT_EQ(gnuplot_literal("it's"), "'it''s'");
  EXPECT_EQ(gnuplot_literal("a\nb\\n"), "'a b\\n'");
}

TEST_F(GnuplotTest, DrawsBothPictures) {
  Plot plot(folder_, "picture", 300, 200);
  const std::string table = plot.table("points", {"x", "y"}, at::rand({20, 2}, at::kDouble));
  const Raster grid = plot.raster("grid", at::rand({4, 6}, at::kDouble), {0, 1, 0, 1});
  // What a shell or gnuplot might take for a command is only a title.
  plot.add("set title " + gnuplot_literal("a 'title' with `touch hacked` $(touch hacked) \"and\" \n more") +
           " noenhanced");
  plot.add("plot " + grid.plot + " with image, " + table + " using 1:2 with points");
  const auto pictures = plot.draw();
  ASSERT_EQ(pictures.size(), 2u);
  EXPECT_EQ(pictures[0], folder_ + "/picture.svg");
  EXPECT_THAT(read("picture.svg"), HasSubstr("</svg>"));
  EXPECT_THAT(read("picture.svg"), HasSubstr("touch hacked"));
  EXPECT_EQ(read("picture.png").substr(0, 4), "\x89PNG");
  EXPECT_FALSE(fs::exists(folder_ + "/hacked"));
  EXPECT_FALSE(fs::exists("hacked"));
}

TEST_F(GnuplotTest, RasterLiesWhereItShould) {
  // gnuplot itself tells the places and values it reads.
  Plot plot(folder_, "grid", 300, 200);
  const Tensor values = at::arange(6, at::kDouble).reshape({2, 3});
  const Raster grid = plot.raster("values", values, {0, 3, 10, 14});
  plot.add("set table 'read.txt'\nplot " + grid.plot + " with image\nunset table\nplot 0");
  plot.draw();
  std::ifstream in(folder_ + "/read.txt");
  std::vector<double> numbers;
  for (std::string line; std::getline(in, line);) {
    double x = 0, y = 0, value = 0;
    if (std::sscanf(line.c_str(), "%lf %lf %lf", &x, &y, &value) == 3) numbers.insert(numbers.end(), {x, y, value});
  }
  EXPECT_THAT(numbers, ::testing::ElementsAre(0.5, 11, 0, 1.5, 11, 1, 2.5, 11, 2, 0.5, 13, 3, 1.5, 13, 4, 2.5, 13, 5));
  EXPECT_TRUE(read_npy(folder_ + "/grid-values.npy").to(at::kDouble).equal(values));
}

TEST_F(GnuplotTest, TableIsCsvWithBlankLinesForGaps) {
  Plot plot(folder_, "picture", 300, 200);
  EXPECT_EQ(plot.table("line", {"x", "y"}, at::tensor({1.0, 0.5, NAN, NAN, 3.0, NAN}, at::kDouble).reshape({3, 2})),
            "'picture-line.csv' skip 1");
  EXPECT_EQ(read("picture-line.csv"), "x,y\n1,0.5\n\n3,nan\n");
}

TEST_F(GnuplotTest, FailureTellsWhatGnuplotSaid) {
  Plot plot(folder_, "picture", 300, 200);
  plot.add("plot nonsense(x)");
  EXPECT_THAT(message(plot), HasSubstr("nonsense"));
  EXPECT_FALSE(fs::exists(folder_ + "/.picture-gnuplot.log"));
}

TEST_F(GnuplotTest, MissingGnuplotTellsWhatToInstall) {
  Plot plot(folder_, "picture", 300, 200);
  plot.add("plot x");
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder_.c_str(), 1);
  const std::string what = message(plot);
  setenv("PATH", path.c_str(), 1);
  EXPECT_THAT(what, HasSubstr("gnuplot-nox"));
  EXPECT_TRUE(fs::exists(folder_ + "/picture.gp"));
}

TEST_F(GnuplotTest, RefusesAMissingFolder) { EXPECT_THROW(Plot(folder_ + "/nowhere", "picture", 300, 200), IoError); }

}  // namespace
}  // namespace genmatch
