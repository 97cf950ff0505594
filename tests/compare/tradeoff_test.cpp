#include "experiments/compare/tradeoff.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/errors.h"
#include "tests/compare/results.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

VariantResults costs(const std::string& label, double nfe, const std::vector<double>& w2) {
  VariantResults v{label, {}};
  for (std::size_t seed = 0; seed < w2.size(); ++seed) v.runs.push_back(run(seed, {{"nfe", nfe}, {"w2", w2[seed]}}));
  return v;
}

std::vector<std::string> labels(const std::vector<TradeoffCurve>& curves) {
  std::vector<std::string> all;
  for (const TradeoffCurve& curve : curves) all.push_back(curve.label);
  return all;
}

TEST(Tradeoff, LabelsThatDifferInOneNumberMakeACurve) {
  const Comparison c = compare_results(
      {costs("mask, ode-100", 100, {1, 3}), costs("mask, ode-20", 20, {4}), costs("mask, exact", 7, {2}),
       costs("uniform, steps=4, wide", 4, {2}), costs("uniform, steps=8, wide", 8, {1}), costs("32", 1, {5})},
      {}, {});
  const auto curves = tradeoff_curves(c, "nfe", "w2");
  EXPECT_THAT(labels(curves), ElementsAre("mask, ode", "mask, exact", "uniform, steps, wide", "32"));
  ASSERT_EQ(curves[0].points.size(), 2u);
  EXPECT_EQ(curves[0].points[0].x, 20);
  EXPECT_EQ(curves[0].points[1].y, 2);
  EXPECT_NEAR(curves[0].points[1].spread, std::sqrt(2), 1e-12);
  EXPECT_TRUE(std::isnan(curves[0].points[0].spread));
}

TEST(Tradeoff, BaselinesHaveNoCost) {
  VariantResults v = costs("ode-10", 10, {1});
  v.runs[0].baselines["truth"]["w2"] = {0.5, 0.1, 100};
  const auto curves = tradeoff_curves(compare_results({v}, {}, {}), "nfe", "w2");
  EXPECT_THAT(labels(curves), ElementsAre("ode", "truth"));
  EXPECT_TRUE(std::isnan(curves[1].points[0].x));
}

TEST(Tradeoff, RefusesMetricsThatNoRowHas) {
  const Comparison c = compare_results({costs("a", 1, {1})}, {}, {});
  EXPECT_THROW(tradeoff_curves(c, "nfe", "nll"), ConfigError);
  EXPECT_THROW(tradeoff_curves(c, "steps", "w2"), ConfigError);
}

TEST(Tradeoff, IsDrawnWithItsNumbersBeside) {
  const fs::path folder = fs::temp_directory_path() / ("tradeoff-" + std::to_string(getpid()));
  fs::create_directories(folder);
  VariantResults with = costs("it's \"a\"-10", 10, {1, 2});
  for (auto& result : with.runs) result.baselines["truth"]["w2"] = {0.5, 0.1, 100};
  const Comparison c = compare_results({with, costs("it's \"a\"-200", 200, {0.1, 0.05})}, {}, {});
  for (const std::string& picture : draw_tradeoff(tradeoff_curves(c, "nfe", "w2"), "nfe", "w2", "a title", folder)) {
    EXPECT_TRUE(fs::exists(picture)) << picture;
    EXPECT_GT(fs::file_size(picture), 2000u) << picture;
  }
  EXPECT_TRUE(fs::exists(folder / "w2-by-nfe-1.csv"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace genmatch
