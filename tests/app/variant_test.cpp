// Runs of a file's variants, and runs that take the weights of others.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "experiments/app/program.h"
#include "tests/app/program_fixture.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

class VariantRun : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write("e.yaml", experiment() + kVariants);
  }
  json read_json(const std::string& name) const { return json::parse(read(name)); }
  /// The only run below runs/tiny.
  std::string only_run() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_ / "runs/tiny"))
      found.push_back("runs/tiny/" + entry.path().filename().string());
    EXPECT_EQ(found.size(), 1u);
    return found.at(0);
  }

  const std::string kVariants = "variants: {narrow: {}, wide & deep: {model: {width: 12, depth: 3}}}\nseeds: 2\n";
};

TEST_F(VariantRun, IsRecordedAndNamedInItsFolder) {
  const Outcome outcome = genmatch({"run", "e.yaml", "--variant", "wide & deep", "--seed", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string run = only_run();
  EXPECT_THAT(run, MatchesRegex("runs/tiny/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}-wide-deep-1"));
  const json record = read_json(run + "/run.json");
  EXPECT_EQ(record["variant"], "wide & deep");
  EXPECT_THAT(record["created"].get<std::string>(), MatchesRegex("[0-9-]{10}T[0-9:]{8}Z"));
  EXPECT_THAT(record["key"].get<std::string>(), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(record["key"], record["training_key"]);
  EXPECT_THAT(read(run + "/resolved.yaml"), AllOf(HasSubstr("width: 12"), testing::Not(HasSubstr("variants"))));
}

TEST_F(VariantRun, TheFileAsItStandsIsThatOfTheEmptyVariant) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "plain"}).code, 0);
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "narrow", "--variant", "narrow"}).code, 0);
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "wide", "--variant", "wide-deep"}).code, 0);  // its slug
  const json plain = read_json("plain/run.json"), narrow = read_json("narrow/run.json");
  EXPECT_EQ(plain["variant"], "");
  EXPECT_EQ(plain["key"], narrow["key"]);
  EXPECT_EQ(read("plain/model.safetensors"), read("narrow/model.safetensors"));
  EXPECT_NE(plain["training_key"], read_json("wide/run.json")["training_key"]);
}

TEST_F(VariantRun, IsFoundAgainByResume) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--variant", "wide-deep"}).code, 0);
  const std::string run = only_run();
  const json metrics = read_json(run + "/result.json")["metrics"];
  fs::remove(folder_ / run / "result.json");
  EXPECT_EQ(genmatch({"run", "e.yaml", "--variant", "narrow", "--resume"}).code, bad_input);
  EXPECT_EQ(genmatch({"run", run, "--variant", "wide-deep", "--resume"}).code, bad_input);
  const Outcome outcome = genmatch({"run", "e.yaml", "--variant", "wide-deep", "--resume"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(read_json(only_run() + "/result.json")["metrics"], metrics);
}

TEST_F(VariantRun, RecordsOfOlderRunsStillOpen) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "r"}).code, 0);
  json record = read_json("r/run.json");
  for (const char* key : {"variant", "created", "key", "training_key", "trained_in"}) record.erase(key);
  write("r/run.json", record.dump());
  EXPECT_EQ(genmatch({"evaluate", "r"}).code, 0);
  EXPECT_EQ(genmatch({"run", "e.yaml", "--trained", "r"}).code, bad_input);  // nobody knows what it was trained with
}

TEST_F(VariantRun, TakesTheWeightsOfATrainedRun) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "a"}).code, 0);
  json result = read_json("a/result.json");
  result["seconds"]["training"] = 1234.5;
  write("a/result.json", result.dump());
  const auto before = read("a/run.json");
  const Outcome outcome = genmatch({"run", "e.yaml", "--out", "b", "--trained", "a", "--set", "baselines=uniform"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(read("b/model.safetensors"), read("a/model.safetensors"));
  EXPECT_FALSE(fs::exists(folder_ / "b/checkpoints"));
  const json b = read_json("b/result.json");
  EXPECT_EQ(b["seconds"]["training"], 1234.5);
  EXPECT_EQ(b["metrics"], result["metrics"]);
  EXPECT_FALSE(b["baselines"].contains("kde"));
  EXPECT_EQ(read_json("b/run.json")["trained_in"], fs::canonical(folder_ / "a").string());
  EXPECT_EQ(read_json("b/run.json")["training_key"], read_json("a/run.json")["training_key"]);
  EXPECT_EQ(read("a/run.json"), before);
}

TEST_F(VariantRun, RefusesWeightsOfAnotherTraining) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "a"}).code, 0);
  const auto before = snapshot();
  const Outcome other = genmatch({"run", "e.yaml", "--trained", "a", "--variant", "wide-deep"});
  EXPECT_EQ(other.code, bad_input);
  EXPECT_THAT(other.err, AllOf(HasSubstr("--trained a:"), HasSubstr("model.width, model.depth")));
  const Outcome seed = genmatch({"run", "e.yaml", "--trained", "a", "--seed", "5"});
  EXPECT_EQ(seed.code, bad_input);
  EXPECT_THAT(seed.err, HasSubstr("seed"));
  EXPECT_EQ(genmatch({"run", "e.yaml", "--trained", "nowhere"}).code, bad_io);
  EXPECT_EQ(genmatch({"run", "e.yaml", "--trained", "a", "--resume"}).code, bad_input);
  EXPECT_EQ(snapshot(), before);
  write("points.csv", points(70));
  const Outcome data = genmatch({"run", "e.yaml", "--trained", "a"});
  EXPECT_EQ(data.code, bad_input);
  EXPECT_THAT(data.err, HasSubstr("the data"));
  fs::remove(folder_ / "a/result.json");
  EXPECT_THAT(genmatch({"run", "e.yaml", "--trained", "a"}).err, HasSubstr("not finished"));
}

TEST_F(VariantRun, ValidateCountsVariantsAndSeedsAndBuildsEach) {
  EXPECT_THAT(genmatch({"validate", "e.yaml"}).out, HasSubstr("2 variants, 2 seeds"));
  const json j = json::parse(genmatch({"validate", "e.yaml", "--json"}).out);
  EXPECT_EQ(j["variants"], json({"narrow", "wide & deep"}));
  EXPECT_EQ(j["seeds"], json({0, 1}));
  write("e.yaml", experiment() + "variants: {a: {}, b: {path: linear}}\n");
  const Outcome outcome = genmatch({"validate", "e.yaml"});
  EXPECT_EQ(outcome.code, bad_input);
  EXPECT_THAT(outcome.err, HasSubstr("e.yaml:8:29: linear:"));
}

TEST_F(VariantRun, ValidateReadsTheDataOfVariantsThatHaveTheirOwn) {
  write("e.yaml", experiment() + "variants: {a: {model.width: 9}, b: {data.file: none.csv}}\n");
  const Outcome outcome = genmatch({"validate", "e.yaml"});
  EXPECT_NE(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("none.csv"));
  write("none.csv", points(2));
  EXPECT_THAT(genmatch({"validate", "e.yaml"}).err, HasSubstr("too few"));
}

}  // namespace
}  // namespace genmatch
