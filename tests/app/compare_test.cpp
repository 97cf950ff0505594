// `genmatch compare` from a file to a table, through the program: each run is a process.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "experiments/app/program.h"
#include "tests/app/program_fixture.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Compare : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write("e.yaml", experiment() + two_variants);
  }

  // The program's table as JSON.
  json table(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "compare");
    arguments.insert(arguments.end(), {"--format", "json"});
    const Outcome outcome = program(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
  std::vector<fs::path> run_folders() const {
    std::vector<fs::path> found;
    if (!fs::exists(folder_ / "runs/tiny")) return found;
    for (const auto& entry : fs::directory_iterator(folder_ / "runs/tiny"))
      if (fs::exists(entry.path() / "run.json")) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  json record(const fs::path& run) const {
    return json::parse(read(fs::relative(run, folder_).string() + "/run.json"));
  }
  // Which runs are finished, as "variant/seed".
  std::multiset<std::string> finished() const {
    std::multiset<std::string> all;
    for (const fs::path& run : run_folders()) {
      const json r = record(run);
      if (r["status"] == "finished")
        all.insert(r["variant"].get<std::string>() + "/" + std::to_string(r["seed"].get<int>()));
    }
    return all;
  }
  static const json& row(const json& table, const std::string& label) {
    for (const json& r : table["rows"])
      if (r["label"] == label) return r;
    throw std::logic_error("no row " + label + " in " + table.dump());
  }

  const std::string two_variants = "variants: {narrow: {model: {width: 4}}, wide: {model.width: 16}}\nseeds: 2\n";
  const std::multiset<std::string> all_four{"narrow/0", "narrow/1", "wide/0", "wide/1"};
};

TEST_F(Compare, RunsEveryVariantWithEverySeedOnce) {
  const json t = table({"e.yaml"});
  EXPECT_EQ(finished(), all_four);
  // The mean over seeds of what the runs wrote.
  double sum = 0;
  for (const fs::path& run : run_folders())
    if (record(run)["variant"] == "wide")
      sum += json::parse(read(fs::relative(run, folder_).string() + "/result.json"))["metrics"]["nll"]["mean"]
                 .get<double>();
  EXPECT_NEAR(row(t, "wide")["metrics"]["nll"]["mean"].get<double>(), sum / 2, 1e-12);
  EXPECT_EQ(row(t, "wide")["metrics"]["nll"]["n"], 2);
  EXPECT_NEAR(row(t, "uniform")["metrics"]["nll"]["mean"].get<double>(), 2.5310242, 1e-6);  // ln 4 pi

  const Outcome again = program({"compare", "e.yaml"});
  EXPECT_THAT(again.err, HasSubstr("4 finished, 0 to do"));
  EXPECT_EQ(run_folders().size(), 4u);
}

TEST_F(Compare, AChangedOptionRerunsWhatItTouches) {
  table({"e.yaml", "--seeds", "1"});
  ASSERT_EQ(run_folders().size(), 2u);
  std::string changed = experiment() + two_variants;
  changed.replace(changed.find("width: 4}"), 8, "width: 5");
  write("e.yaml", changed);
  EXPECT_THAT(program({"compare", "e.yaml", "--seeds", "1"}).err, HasSubstr("1 finished, 1 to do"));
  // What is only said about the experiment touches nothing.
  write("e.yaml", changed + "about: the same\n");
  EXPECT_THAT(program({"compare", "e.yaml", "--seeds", "1"}).err, HasSubstr("2 finished, 0 to do"));
  // Other data touch everything.
  write("points.csv", points(50));
  EXPECT_THAT(program({"compare", "e.yaml", "--seeds", "1", "--dry-run"}).err, HasSubstr("0 finished, 2 to do"));
}

TEST_F(Compare, AnotherMetricMeasuresAgainWithoutTraining) {
  table({"e.yaml", "--only", "wide", "--seeds", "1"});
  const fs::path trained = run_folders().at(0);
  const json t = table({"e.yaml", "--only", "wide", "--seeds", "1", "--set", "baselines=[uniform]"});
  ASSERT_EQ(run_folders().size(), 2u);
  EXPECT_THAT(t.dump(), Not(HasSubstr("kde")));
  const fs::path again = run_folders().at(0) == trained ? run_folders().at(1) : run_folders().at(0);
  EXPECT_EQ(read(again.string() + "/model.safetensors"), read(trained.string() + "/model.safetensors"));
  EXPECT_FALSE(fs::exists(again / "checkpoints"));
}

TEST_F(Compare, VariantsOfSamplingShareOneTraining) {
  write("e.yaml", with("validate_every: 20", "select: last") +
                      "variants: {few: {sampling.likelihood_stepper: {type: heun, steps: 4}}, many: {}}\n");
  const json t = table({"e.yaml", "--jobs", "2"});
  ASSERT_EQ(finished(), (std::multiset<std::string>{"few/0", "many/0"}));
  const auto trains = [&](const fs::path& run) { return fs::exists(run / "checkpoints"); };
  const std::vector<fs::path> runs = run_folders();
  EXPECT_EQ(std::count_if(runs.begin(), runs.end(), trains), 1);
  EXPECT_EQ(read(runs[0].string() + "/model.safetensors"), read(runs[1].string() + "/model.safetensors"));
  EXPECT_NE(row(t, "few")["metrics"], row(t, "many")["metrics"]);
}

TEST_F(Compare, OnlyAndSeedsChoose) {
  table({"e.yaml", "--only", "narrow", "--seeds", "3,7"});
  EXPECT_EQ(finished(), (std::multiset<std::string>{"narrow/3", "narrow/7"}));
}

TEST_F(Compare, AFailedRunCostsOnlyItself) {
  write("e.yaml",
        experiment() + "variants:\n  good: {}\n  bad: {training.optimizer: {type: adam, rate: 1e30}}\nseeds: 1\n");
  const Outcome outcome = program({"compare", "e.yaml"});
  EXPECT_EQ(outcome.code, runs_failed);
  EXPECT_THAT(outcome.err, HasSubstr("FAILED: bad, seed 0"));
  EXPECT_THAT(outcome.out, HasSubstr("good"));
  EXPECT_EQ(finished(), (std::multiset<std::string>{"good/0"}));
}

TEST_F(Compare, KillsOfChildrenAndParentLoseNothing) {
  write("e.yaml", with("steps: 60", "steps: 400") + two_variants);
  // A run is killed, the others go on.
  const pid_t first = start({"compare", "e.yaml", "--jobs", "2"});
  for (int i = 0; i < 2000 && run_folders().empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_FALSE(run_folders().empty());
  const std::string children = read("/proc/" + std::to_string(first) + "/task/" + std::to_string(first) + "/children");
  ASSERT_FALSE(children.empty());
  kill(std::stoi(children), SIGKILL);
  EXPECT_EQ(WEXITSTATUS(wait(first)), runs_failed);
  EXPECT_EQ(finished().size(), 3u);

  // The parent is killed: the next call goes on from there.
  const pid_t second = start({"compare", "e.yaml", "--seeds", "3", "--jobs", "2"});
  for (int i = 0; i < 2000 && run_folders().size() < 6; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(second, SIGKILL);
  wait(second);
  const json t = table({"e.yaml", "--seeds", "3", "--resume"});
  auto expected = all_four;
  expected.insert({"narrow/2", "wide/2"});
  EXPECT_EQ(finished(), expected);
  EXPECT_EQ(row(t, "narrow")["metrics"]["nll"]["n"], 3);
}

TEST_F(Compare, TwoAtOnceShareTheWork) {
  const pid_t a = start({"compare", "e.yaml"});
  const pid_t b = start({"compare", "e.yaml"});
  EXPECT_EQ(wait(a), 0);
  EXPECT_EQ(wait(b), 0);
  EXPECT_EQ(finished(), all_four);
  EXPECT_EQ(run_folders().size(), 4u);
}

TEST_F(Compare, InterruptSavesAndTheNextCallGoesOn) {
  write("e.yaml", with("steps: 60", "steps: 3000") + two_variants);
  const pid_t child = start({"compare", "e.yaml", "--only", "narrow", "--seeds", "1"});
  for (int i = 0; i < 2000 && (run_folders().empty() || !fs::exists(run_folders()[0] / "metrics.jsonl")); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(child, SIGINT);
  EXPECT_EQ(WEXITSTATUS(wait(child)), interrupted_by_user);
  ASSERT_EQ(run_folders().size(), 1u);
  EXPECT_EQ(record(run_folders()[0])["status"], "interrupted");
  table({"e.yaml", "--only", "narrow", "--seeds", "1", "--resume"});
  EXPECT_EQ(run_folders().size(), 1u);
  EXPECT_EQ(finished().size(), 1u);
}

TEST_F(Compare, MistakesAreRefusedBeforeAnythingRuns) {
  const std::vector<std::vector<std::string>> wrong{{"compare", "e.yaml", "--only", "wdie"},
                                                    {"compare", "e.yaml", "--seeds", "0"},
                                                    {"compare", "e.yaml", "--seeds", "1,1"},
                                                    {"compare", "e.yaml", "--seeds", "two"},
                                                    {"compare", "e.yaml", "--jobs", "0"},
                                                    {"compare", "e.yaml", "--format", "excel"},
                                                    {"compare", "absent.yaml"},
                                                    {"compare", "e.yaml", "e.yaml"},
                                                    {"compare"},
                                                    {"compare", "e.yaml", "--set", "model.widht=3"}};
  const auto before = snapshot();
  for (const auto& arguments : wrong) {
    const Outcome outcome = genmatch(arguments);
    EXPECT_EQ(outcome.code, bad_input) << testing::PrintToString(arguments);
    EXPECT_FALSE(outcome.err.empty());
  }
  EXPECT_THAT(genmatch({"compare", "e.yaml", "--only", "wdie"}).err, HasSubstr("wide"));
  EXPECT_EQ(snapshot(), before);
}

}  // namespace
}  // namespace genmatch
