// Four processes make four hundred runs and are killed at it again and again.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "experiments/store/run_index.h"
#include "tests/app/program_fixture.h"
#include "tests/store/make_run.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kRuns = 400;
constexpr std::size_t kWorkers = 4;
constexpr int kKills = 150;

/// What a run is known by: where it is, and what it says.
struct Seen {
  std::string folder, name, status;
  uint64_t seed = 0;
  double nll = 0;
  bool operator<(const Seen& other) const { return tie() < other.tie(); }
  bool operator==(const Seen& other) const { return tie() == other.tie(); }
  std::tuple<std::string, std::string, std::string, uint64_t, double> tie() const {
    return {folder, name, status, seed, nll};
  }
};

void PrintTo(const Seen& s, std::ostream* out) {
  *out << s.folder << " " << s.name << " " << s.seed << " " << s.status;
}

json read_json(const fs::path& path) { return json::parse(std::ifstream(path)); }

/// By reading every file that lies there, without the index's own code.
std::multiset<Seen> in_folders() {
  std::multiset<Seen> all;
  for (const auto& entry : fs::recursive_directory_iterator("runs")) {
    if (entry.path().filename() != "run.json") continue;
    const fs::path folder = entry.path().parent_path();
    const json record = read_json(entry.path());
    const double nll =
        record["status"] == "finished" ? double(read_json(folder / "result.json")["metrics"]["nll"]["mean"]) : 0;
    all.insert({folder.string(), record["name"], record["status"], record["seed"], nll});
  }
  return all;
}

std::multiset<Seen> in_index() {
  std::multiset<Seen> all;
  for (const IndexedRun& run : RunIndex("runs").find({})) {
    const double nll = run.result ? run.result->metrics.at("nll").mean : 0;
    all.insert({run.path, run.record.name, run.record.status, run.record.seed, nll});
  }
  return all;
}

/// Takes the run to its end from wherever a kill has left it; a folder without a record stays behind.
void finish_run(int number) {
  RunSpec spec;
  spec.name = "study-" + std::to_string(number % 7);
  spec.seed = static_cast<uint64_t>(number);
  const std::string stem = "runs/" + spec.name + "/" + std::to_string(number);
  for (int attempt = 1;; ++attempt) {
    const std::string path = stem + "-" + std::to_string(attempt);
    if (fs::exists(path) && !fs::exists(path + "/run.json")) continue;
    if (!fs::exists(path)) {
      RunFolder folder = begin_run(path, spec);
      finish(folder, number / 4.0);
    } else if (!RunFolder::open(path, false).finished()) {
      RunFolder folder = RunFolder::open(path, true);
      finish(folder, number / 4.0);
    }
    return;
  }
}

class IndexStress : public ProgramTest {
 protected:
  static pid_t start(std::size_t worker) {
    const pid_t child = fork();
    if (child != 0) return child;
    try {
      for (int number = static_cast<int>(worker); number < kRuns; number += kWorkers) finish_run(number);
      _exit(0);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
      _exit(1);
    }
  }

  /// Starts the workers, kills one of them every few milliseconds, and starts it again, until all have ended well.
  static void make_runs() {
    std::mt19937 random(20260102);
    std::array<pid_t, kWorkers> workers{};
    for (std::size_t w = 0; w < kWorkers; ++w) workers[w] = start(w);
    for (int kills = 0; kills < kKills; ++kills) {
      std::this_thread::sleep_for(std::chrono::microseconds(1000 + random() % 30000));
      const std::size_t w = random() % kWorkers;
      kill(workers[w], SIGKILL);
      waitpid(workers[w], nullptr, 0);
      if (kills % 10 == 0) look_while_it_happens();
      workers[w] = start(w);
    }
    for (const pid_t worker : workers) {
      int status = 0;
      waitpid(worker, &status, 0);
      EXPECT_EQ(status, 0);
    }
  }

  static void look_while_it_happens() {
    RunIndex index("runs");
    index.synchronise();
    std::set<std::string> paths;
    for (const IndexedRun& run : index.find({})) {
      EXPECT_TRUE(paths.insert(run.path).second) << run.path << " is there twice";
      EXPECT_EQ(run.record.status == "finished", run.result.has_value()) << run.path;
    }
  }

  static void expect_agreement(const std::string& when) {
    const std::multiset<Seen> folders = in_folders();
    EXPECT_EQ(in_index(), folders) << when;
    std::set<uint64_t> seeds;
    for (const Seen& run : folders) {
      EXPECT_EQ(run.status, "finished") << run.folder;
      EXPECT_EQ(run.nll, static_cast<double>(run.seed) / 4) << run.folder;
      seeds.insert(run.seed);
    }
    EXPECT_EQ(folders.size(), kRuns) << when;
    EXPECT_EQ(seeds.size(), kRuns) << when;
  }
};

TEST_F(IndexStress, FourHundredRunsByFourProcessesWithKills) {
  fs::create_directory("runs");
  make_runs();
  RunIndex("runs").synchronise();
  expect_agreement("after the kills");

  fs::remove("runs/index.sqlite");
  expect_agreement("after the index was deleted");
  RunIndex("runs").rebuild();
  expect_agreement("after it was rebuilt");

  fs::resize_file("runs/index.sqlite", fs::file_size("runs/index.sqlite") / 2);
  expect_agreement("after it was cut short");
  write("runs/index.sqlite", std::string(100000, '\xAB'));
  expect_agreement("after it was overwritten");
}

}  // namespace
}  // namespace genmatch
