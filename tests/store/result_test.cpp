#include "experiments/store/result.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "tests/app/program_fixture.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

using ReadResult = ProgramTest;

TEST_F(ReadResult, IsTheInverseOfToJson) {
  Result written;
  written.name = "tiny";
  written.seed = 18446744073709551615u;
  written.metrics["nll"] = {-3.6300000000000003, 0.345, 170};
  written.baselines["kde"]["nll"] = {1.0 / 3, std::nan(""), 1};
  written.seconds["training"] = 12.345;
  written.peak_mb = 512;
  written.figures = {"figures/map.svg"};
  written.warnings = {"3 rows failed to solve"};
  written.data = {{"mean energy", -2.5, 0.25, {}}, {"R-hat", 1.125, {}, 1}};
  write("result.json", to_json(written).dump());

  const Result result = read_result("result.json");
  EXPECT_EQ(result.name, "tiny");
  EXPECT_EQ(result.seed, 18446744073709551615u);
  EXPECT_EQ(result.metrics.at("nll").mean, -3.6300000000000003);
  EXPECT_EQ(result.metrics.at("nll").sem, 0.345);
  EXPECT_EQ(result.metrics.at("nll").n, 170);
  EXPECT_EQ(result.baselines.at("kde").at("nll").mean, 1.0 / 3);
  EXPECT_TRUE(std::isnan(result.baselines.at("kde").at("nll").sem));
  EXPECT_EQ(result.seconds.at("training"), 12.345);
  EXPECT_EQ(result.peak_mb, 512);
  EXPECT_EQ(result.figures, written.figures);
  EXPECT_EQ(result.warnings, written.warnings);
  ASSERT_EQ(result.data.size(), 2u);
  EXPECT_EQ(result.data[0].name, "mean energy");
  EXPECT_EQ(result.data[0].value, -2.5);
  EXPECT_EQ(result.data[0].error, 0.25);
  EXPECT_FALSE(result.data[0].expected);
  EXPECT_EQ(result.data[1].expected, 1);
}

TEST_F(ReadResult, OfEarlierVersionsHaveNothingOnTheData) {
  auto earlier = to_json(Result{});
  earlier.erase("data");
  write("result.json", earlier.dump());
  EXPECT_TRUE(read_result("result.json").data.empty());
}

TEST_F(ReadResult, FilesThatHoldNoResultAreNamed) {
  const std::string whole = to_json(Result{}).dump();
  for (const std::string& damaged :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("{\"name\": 1}")}) {
    write("result.json", damaged);
    try {
      read_result("result.json");
      ADD_FAILURE() << damaged;
    } catch (const IoError& e) {
      EXPECT_THAT(e.what(), HasSubstr("result.json"));
    }
  }
  EXPECT_THROW(read_result("nowhere.json"), IoError);
}

}  // namespace
}  // namespace genmatch
