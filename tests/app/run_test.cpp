// A whole run: what it leaves behind, that it can be taken up again, and that a kill changes nothing.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/data/npy.h"
#include "core/ops.h"
#include "experiments/app/program.h"
#include "tests/app/program_fixture.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Run : public ProgramTest {
 protected:
  json result(const std::string& run) const { return json::parse(read(run + "/result.json")); }

  /// Waits until a checkpoint of at least `step` is there.
  bool wait_for_checkpoint(const std::string& run, int step) const {
    for (int i = 0; i < 3000; ++i) {
      std::error_code error;
      for (const auto& f : fs::directory_iterator(folder_ / run / "checkpoints", error)) {
        const std::string name = f.path().filename().string();
        if (name.rfind("step-", 0) == 0 && f.path().extension() == ".safetensors" && std::stoi(name.substr(5)) >= step)
          return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
};

TEST_F(Run, LeavesEverythingInItsFolder) {
  const Outcome outcome = genmatch({"run", "e.yaml", "--out", "r", "--seed", "3"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json j = result("r");
  EXPECT_EQ(j["name"], "tiny");
  EXPECT_EQ(j["seed"], 3);
  EXPECT_TRUE(j["metrics"]["nll"]["mean"].is_number());
  EXPECT_EQ(j["metrics"]["nll"]["n"], 6);                                                // N//10 of 60 rows
  EXPECT_NEAR(j["baselines"]["uniform"]["nll"]["mean"].get<double>(), 2.5310242, 1e-6);  // ln 4 pi
  EXPECT_TRUE(j["baselines"]["kde"]["nll"]["mean"].is_number());
  EXPECT_GT(j["seconds"]["training"].get<double>(), 0);
  EXPECT_GT(j["peak_mb"].get<double>(), 0);
  for (const char* file : {"resolved.yaml", "run.json", "metrics.jsonl", "model.safetensors"})
    EXPECT_TRUE(fs::exists(folder_ / "r" / file)) << file;
  const Tensor samples = read_npy("r/samples.npy");
  EXPECT_EQ(samples.sizes(), at::IntArrayRef({20, 3}));
  EXPECT_TRUE(at::allclose(samples.norm(2, 1).to(at::kDouble), at::ones({20}, at::kDouble), 1e-5, 1e-5));
  EXPECT_EQ(read_npy("r/samples_log_density.npy").numel(), 20);
}

TEST_F(Run, ResolvedFileGivesTheSameNumbers) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "a"}).code, 0);
  write("again.yaml", read("a/resolved.yaml"));
  const Outcome outcome = genmatch({"run", "again.yaml", "--out", "b"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(result("a")["metrics"], result("b")["metrics"]);
  EXPECT_EQ(read("a/model.safetensors"), read("b/model.safetensors"));
  EXPECT_EQ(read("a/resolved.yaml"), read("b/resolved.yaml"));
}

TEST_F(Run, SeedsDiffer) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "a", "--seed", "1"}).code, 0);
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "b", "--seed", "2"}).code, 0);
  EXPECT_NE(read("a/model.safetensors"), read("b/model.safetensors"));
}

TEST_F(Run, KilledAnywhereAndResumedIsTheSame) {
  write("e.yaml", with("steps: 60", "steps: 600"));
  ASSERT_EQ(wait(start({"run", "e.yaml", "--out", "whole", "--threads", "1"})), 0);
  for (int kill_after : {1, 150, 430}) {
    const std::string run = "killed-" + std::to_string(kill_after);
    const pid_t child = start({"run", "e.yaml", "--out", run, "--threads", "1"});
    ASSERT_TRUE(wait_for_checkpoint(run, kill_after));
    kill(child, SIGKILL);
    wait(child);
    ASSERT_EQ(wait(start({"run", run, "--resume"})), 0);
    EXPECT_EQ(read(run + "/model.safetensors"), read("whole/model.safetensors"));
    EXPECT_EQ(result(run)["metrics"], result("whole")["metrics"]);
    EXPECT_EQ(read_npy(run + "/samples.npy").equal(read_npy("whole/samples.npy")), true);
  }
}

TEST_F(Run, InterruptSavesFirst) {
  write("e.yaml", with("steps: 60", "steps: 100000"));
  const pid_t child = start({"run", "e.yaml", "--out", "r"});
  ASSERT_TRUE(wait_for_checkpoint("r", 1));
  kill(child, SIGINT);
  const int status = wait(child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), interrupted_by_user);
  EXPECT_EQ(json::parse(read("r/run.json"))["status"], "interrupted");
}

TEST_F(Run, DamagedCheckpointsAreRefusedAndLeftAlone) {
  write("e.yaml", with("steps: 60", "steps: 100000"));
  const pid_t child = start({"run", "e.yaml", "--out", "r"});
  ASSERT_TRUE(wait_for_checkpoint("r", 20));
  kill(child, SIGKILL);
  wait(child);
  for (const auto& f : fs::directory_iterator(folder_ / "r/checkpoints"))
    fs::resize_file(f.path(), fs::file_size(f.path()) / 2);
  const auto before = snapshot();
  const Outcome outcome = genmatch({"run", "r", "--resume"});
  EXPECT_EQ(outcome.code, bad_io);
  EXPECT_THAT(outcome.err, HasSubstr("checkpoints"));
  auto after = snapshot();
  const auto is_record = [](const std::string& f) { return f.rfind("r/run.json:", 0) == 0; };  // the status changes
  after.erase(std::remove_if(after.begin(), after.end(), is_record), after.end());
  for (const std::string& f : after) EXPECT_THAT(before, testing::Contains(f));
}

TEST_F(Run, FinishedRunIsShownNotRepeated) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "r"}).code, 0);
  const auto before = snapshot();
  const Outcome outcome = genmatch({"run", "r", "--resume"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(snapshot(), before);
}

TEST_F(Run, SampleEvaluateAndDensityAgreeWithTheRun) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "r"}).code, 0);
  const Outcome evaluated = genmatch({"evaluate", "r", "--json"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_EQ(json::parse(evaluated.out)["metrics"], result("r")["metrics"]);

  const Outcome sampled = genmatch({"sample", "r", "-n", "20", "-o", "s.npy", "--log-density", "l.npy"});
  ASSERT_EQ(sampled.code, 0) << sampled.err;
  EXPECT_TRUE(read_npy("s.npy").equal(read_npy("r/samples.npy")));
  EXPECT_EQ(genmatch({"sample", "r", "-n", "20", "-o", "s.npy"}).code, bad_io);  // never overwritten
  EXPECT_EQ(genmatch({"sample", "r", "-n", "0", "-o", "t.npy"}).code, bad_input);

  write("few.csv", "lat,lon\n40,10\n-40,10\n");
  const Outcome density = genmatch({"density", "r", "few.csv"});
  ASSERT_EQ(density.code, 0) << density.err;
  EXPECT_THAT(density.out, HasSubstr("log_density"));
  EXPECT_EQ(std::count(density.out.begin(), density.out.end(), '\n'), 3);
}

TEST_F(Run, CommandsOnFoldersThatAreNoRuns) {
  fs::create_directory(folder_ / "empty");
  for (const char* folder : {"nowhere", "empty"}) {
    EXPECT_EQ(genmatch({"evaluate", folder}).code, bad_io);
    EXPECT_EQ(genmatch({"sample", folder, "-n", "1", "-o", "x.npy"}).code, bad_io);
    EXPECT_EQ(genmatch({"density", folder, "points.csv"}).code, bad_io);
    EXPECT_EQ(genmatch({"run", folder, "--resume"}).code, folder == std::string("empty") ? bad_io : bad_input);
  }
}

TEST_F(Run, ChangedDataAreNoticed) {
  ASSERT_EQ(genmatch({"run", "e.yaml", "--out", "r"}).code, 0);
  write("points.csv", points(70));
  const Outcome outcome = genmatch({"evaluate", "r"});
  EXPECT_EQ(outcome.code, bad_data);
  EXPECT_THAT(outcome.err, HasSubstr("changed"));
}

TEST_F(Run, ProductOfFactors) {
  write("e.yaml",
        "name: product\n"
        "factors:\n"
        "  place: {space: sphere}\n"
        "  size: {space: {type: euclidean, dim: 1}, source: normal, path: linear}\n"
        "data: {type: csv, file: points.csv, columns: [lat, lon, size], format: [latlon, cartesian]}\n"
        "model: {type: mlp, width: 8, depth: 2}\n"
        "training: {steps: 20, batch: 16}\n"
        "sampling: {samples: 5, stepper: {type: midpoint, steps: 8}}\n");
  const Outcome outcome = genmatch({"run", "e.yaml", "--out", "r"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(read_npy("r/samples.npy").sizes(), at::IntArrayRef({5, 4}));
  EXPECT_FALSE(result("r")["baselines"].contains("uniform"));  // there is none on a line
}

}  // namespace
}  // namespace genmatch
