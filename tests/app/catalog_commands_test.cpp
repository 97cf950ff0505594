#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/config/catalog.h"
#include "tests/app/program_fixture.h"

namespace genmatch {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST_F(ProgramTest, ListShowsEveryComponentAndDescribeExplainsEach) {
  const json all = json::parse(genmatch({"list", "--json"}).out);
  std::size_t count = 0;
  const Catalog catalog = full_catalog();
  Catalog::for_each(catalog, [&](const char*, const auto& registry) { count += registry.entries().size(); });
  EXPECT_EQ(all.size(), count);
  for (const auto& entry : all) {
    const Outcome described = genmatch({"describe", entry["name"], "--json"});
    ASSERT_EQ(described.code, 0) << described.err;
    for (const auto& component : json::parse(described.out)) {
      EXPECT_FALSE(component["about"].get<std::string>().empty()) << entry;
      for (const auto& option : component["options"]) EXPECT_FALSE(option["doc"].get<std::string>().empty()) << option;
    }
  }
}

TEST_F(ProgramTest, ListOfOneKind) {
  const Outcome outcome = genmatch({"list", "manifold"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("sphere"));
  EXPECT_THAT(outcome.out, testing::Not(HasSubstr("midpoint")));
}

TEST_F(ProgramTest, DescribeExperimentNamesTheKeysOfAFile) {
  const Outcome outcome = genmatch({"describe", "experiment"});
  for (const char* key : {"training.steps", "sampling.samples", "data", "metrics"})
    EXPECT_THAT(outcome.out, HasSubstr(key));
}

TEST_F(ProgramTest, ValidateCountsRowsAndPrintsTheResolvedFile) {
  EXPECT_THAT(genmatch({"validate", "e.yaml"}).out, HasSubstr("48 training, 6 validation and 6 test rows"));
  write("resolved.yaml", genmatch({"validate", "e.yaml", "--resolved"}).out);
  const Outcome again = genmatch({"validate", "resolved.yaml", "--resolved"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, read("resolved.yaml"));
}

TEST_F(ProgramTest, DoctorNamesWhatMatters) {
  const Outcome outcome = genmatch({"doctor"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* word : {"LibTorch", "BLAS", "threads", "CPU capability", "GFLOP/s"})
    EXPECT_THAT(outcome.out, HasSubstr(word));
}

TEST_F(ProgramTest, VersionNamesTheLibrary) { EXPECT_THAT(genmatch({"--version"}).out, HasSubstr("LibTorch")); }

}  // namespace
}  // namespace genmatch
