// Training in rounds, through the whole program: what reflow does to paths, and that a kill between rounds changes
// nothing.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "experiments/app/program.h"
#include "tests/app/program_fixture.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Rounds : public ProgramTest {
 protected:
  static std::string plane(const std::string& rounds, const std::string& more = "") {
    return "name: rounds\nspace: {type: euclidean, dim: 2}\nsource: normal\n"
           "path: interpolant\n"
           "data: {type: gaussian_mixture, rows: 4000, components: 4, radius: 3, scales: 0.4}\n"
           "model: {type: mlp, width: 32, depth: 2}\n"
           "training: {steps: 600, batch: 128, select: last, checkpoint_seconds: 0.2, optimizer: {type: adam, rate: "
           "5e-3}, rounds: " +
           rounds +
           "}\nsampling: {samples: 400, stepper: {type: heun, steps: 20}}\n"
           "metrics: [{type: w2, points: 400}, {type: path_energy, points: 400}, {type: straightness, points: 400}]\n"
           "baselines: []\n" +
           more;
  }
  json metrics(const std::string& run) const { return json::parse(read(run + "/result.json"))["metrics"]; }
  static double mean(const json& metrics, const char* name) { return metrics[name]["mean"]; }
};

// Straighter and cheaper with each round, to the same end: W2 to the data may not rise by more than three standard
// errors.
TEST_F(Rounds, ReflowStraightensAndKeepsTheEnd) {
  write("e.yaml", plane("{count: 2, pairs: 4000}"));
  write("zero.yaml", plane("{count: 0}"));
  write("one.yaml", plane("{count: 1, pairs: 4000}"));
  std::vector<json> by_round;
  for (const char* file : {"zero", "one", "e"}) {
    ASSERT_EQ(wait(start({"run", std::string(file) + ".yaml", "--out", file, "--threads", "1"})), 0) << file;
    by_round.push_back(metrics(file));
  }
  EXPECT_LT(mean(by_round[1], "straightness"), 0.5 * mean(by_round[0], "straightness"));
  EXPECT_LT(mean(by_round[2], "straightness"), mean(by_round[1], "straightness"));
  EXPECT_LT(mean(by_round[1], "path_energy"), mean(by_round[0], "path_energy"));
  const double sem = by_round[0]["w2"]["sem"];
  EXPECT_LT(mean(by_round[2], "w2"), mean(by_round[0], "w2") + 3 * sem + 0.2);
  EXPECT_TRUE(fs::exists(folder_ / "e/rounds/2.safetensors"));
  EXPECT_EQ(read("e/rounds/1.safetensors"), read("one/model.safetensors"));
}

TEST_F(Rounds, KilledInALaterRoundAndResumedIsTheSame) {
  const std::string options = "{count: 2, pairs: 500, direction: alternate, distill: 1}";
  const std::string bridge = "generators: [flow, {type: langevin, noise: 0.5}]\n";
  std::string file = plane(options, bridge);
  file.replace(file.find("path: interpolant"), 17, "path: {type: interpolant, shape: bridge, noise: 0.5}");
  file.replace(file.find("{type: heun, steps: 20}"), 23, "{type: euler, steps: 20}");
  write("e.yaml", file);
  ASSERT_EQ(wait(start({"run", "e.yaml", "--out", "whole", "--threads", "1"})), 0);
  const pid_t child = start({"run", "e.yaml", "--out", "killed", "--threads", "1"});
  for (int i = 0; i < 6000 && !fs::exists(folder_ / "killed/rounds/1.safetensors"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(child, SIGKILL);
  wait(child);
  ASSERT_TRUE(fs::exists(folder_ / "killed/rounds/1.safetensors"));
  ASSERT_EQ(wait(start({"run", "killed", "--resume"})), 0);
  EXPECT_EQ(read("killed/model.safetensors"), read("whole/model.safetensors"));
  EXPECT_EQ(metrics("killed"), metrics("whole"));
}

}  // namespace
}  // namespace genmatch
