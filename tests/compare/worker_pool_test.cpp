#include "experiments/compare/worker_pool.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/errors.h"
#include "experiments/compare/claims.h"
#include "tests/temporary_folder.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using State = TaskOutcome::State;

class WorkerPool : public ::testing::Test {
 protected:
  void SetUp() override { options_.claim_file = path("claims"); }

  std::string path(const std::string& name) const { return folder_.path(name); }
  std::string text(const std::string& name) const { return folder_.read(name); }
  // A task that runs a line of shell.
  Task shell(const std::string& label, const std::string& line, const std::string& claim = "") const {
    return {label, [=] { return Command{{"/bin/sh", "-c", line}, path(label + ".log")}; }, claim};
  }
  std::vector<TaskOutcome> run(const std::vector<Task>& tasks) { return run_tasks(tasks, options_, observer_); }

  struct Recorder : PoolObserver {
    void progress(const PoolProgress& p) override {
      largest_running = std::max(largest_running, p.running.size());
      fractions.push_back(p.fraction);
      for (const std::string& r : p.running) seen.insert(r);
    }
    void ended(std::size_t task, const TaskOutcome&) override { order.push_back(task); }
    bool stop_requested() override { return stop && stop(); }
    std::size_t largest_running = 0;
    std::vector<double> fractions;
    std::set<std::string> seen;
    std::vector<std::size_t> order;
    std::function<bool()> stop;
  };

  TemporaryFolder folder_;
  PoolOptions options_;
  Recorder observer_;
};

TEST_F(WorkerPool, RunsEveryTaskAndKeepsWhatItPrints) {
  options_.jobs = 2;
  const auto outcomes = run({shell("a", "echo one; echo two >&2"), shell("b", "echo three"), shell("c", "true")});
  for (const TaskOutcome& o : outcomes) EXPECT_EQ(o.state, State::done);
  EXPECT_EQ(text("a.log"), "one\ntwo\n");
  EXPECT_EQ(text("b.log"), "three\n");
  EXPECT_EQ(observer_.fractions.back(), 1);
}

TEST_F(WorkerPool, GoesOnAfterFailuresAndTellsWhy) {
  const auto outcomes = run({shell("a", "echo 'no such thing' >&2; exit 3"),
                             shell("b", "kill -9 $$"),
                             shell("c", ":"),
                             {"d",
                              [&] {
                                return Command{{"/nowhere/program"}, path("d.log")};
                              },
                              ""},
                             {"e", []() -> Command { throw DataError("no rows"); }, ""}});
  EXPECT_EQ(outcomes[0].state, State::failed);
  EXPECT_EQ(outcomes[0].exit_code, 3);
  EXPECT_EQ(outcomes[0].message, "no such thing");
  EXPECT_EQ(outcomes[1].signal, SIGKILL);
  EXPECT_THAT(outcomes[1].message, ::testing::HasSubstr("signal 9"));
  EXPECT_EQ(outcomes[2].state, State::done);
  EXPECT_EQ(outcomes[3].exit_code, 127);
  EXPECT_EQ(outcomes[4].message, "no rows");
}

TEST_F(WorkerPool, RunsNoMoreAtOnceThanJobs) {
  options_.jobs = 3;
  std::vector<Task> tasks;
  for (int i = 0; i < 12; ++i) tasks.push_back(shell(fmt::format("t{}", i), "sleep 0.15"));
  run(tasks);
  EXPECT_EQ(observer_.largest_running, 3u);
}

TEST_F(WorkerPool, ShowsTheProgressOfRunningTasks) {
  run({shell("a", "echo '0.25 training' >&3; sleep 0.3; echo '0.5 figures' >&3; sleep 0.3")});
  EXPECT_THAT(observer_.seen, ::testing::IsSupersetOf({"a: training 25 %", "a: figures 50 %"}));
  EXPECT_THAT(observer_.fractions, ::testing::Contains(0.25));
}

TEST_F(WorkerPool, ATaskWithNothingToDoIsDone) {
  EXPECT_EQ(run({{"a", [] { return Command{}; }, ""}})[0].state, State::done);
}

TEST_F(WorkerPool, StoppingAsksWhatRunsToSaveItselfAndStartsNothing) {
  observer_.stop = [&] { return fs::exists(path("started")); };
  const auto outcomes = run({shell("a", "trap 'echo saved > " + path("saved") + "; exit 130' TERM; touch " +
                                            path("started") + "; while :; do sleep 0.05; done"),
                             shell("b", "touch " + path("second"))});
  EXPECT_EQ(text("saved"), "saved\n");
  EXPECT_EQ(outcomes[0].state, State::interrupted);
  EXPECT_EQ(outcomes[1].state, State::interrupted);
  EXPECT_FALSE(fs::exists(path("second")));
}

TEST_F(WorkerPool, AClaimHeldElsewhereIsWaitedForWhileOthersGoOn) {
  auto claim = std::make_unique<Claim>(options_.claim_file, "k");
  ASSERT_TRUE(claim->held());
  std::thread release([&] {
    while (!fs::exists(path("b"))) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    claim.reset();
  });
  const auto outcomes = run({shell("a", "test -e " + path("b"), "k"), shell("b", "touch " + path("b"), "other")});
  release.join();
  EXPECT_EQ(outcomes[0].state, State::done) << outcomes[0].message;
  EXPECT_EQ(observer_.order, (std::vector<std::size_t>{1, 0}));
}

TEST_F(WorkerPool, AClaimLivesAsLongAsTheCommandThatHoldsIt) {
  options_.jobs = 1;
  bool held_meanwhile = true;
  observer_.stop = [&] {
    if (fs::exists(path("started")) && !fs::exists(path("over")))
      held_meanwhile = held_meanwhile && !Claim(options_.claim_file, "k").held();
    return false;
  };
  run({shell("a", "touch " + path("started") + "; sleep 0.4; touch " + path("over"), "k")});
  EXPECT_TRUE(held_meanwhile);
  EXPECT_TRUE(Claim(options_.claim_file, "k").held());
}

TEST_F(WorkerPool, OfManyPoolsOnlyOneRunsEachClaim) {
  std::vector<pid_t> pools;
  for (int p = 0; p < 4; ++p) {
    pools.push_back(::fork());
    if (pools.back() != 0) continue;
    std::vector<Task> tasks;
    for (int i = 0; i < 25; ++i) {
      const std::string done = path(fmt::format("done-{}", i));
      tasks.push_back({fmt::format("t{}-{}", p, i),
                       [=] {
                         if (fs::exists(done)) return Command{};
                         // mkdir fails if two of them ever run.
                         return Command{{"/bin/sh", "-c", "mkdir " + done + " && echo x >> " + path("count")},
                                        path(fmt::format("{}-{}.log", p, i))};
                       },
                       fmt::format("claim-{}", i)});
    }
    bool good = true;
    for (const TaskOutcome& o : run(tasks)) good = good && o.state == State::done;
    ::_exit(good ? 0 : 1);
  }
  for (const pid_t pool : pools) {
    int status = 0;
    ::waitpid(pool, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(text("count").size(), 50u);
}

TEST_F(WorkerPool, CommandsEndWithTheProcessThatStartedThem) {
  const pid_t pool = ::fork();
  if (pool == 0) {
    run({shell("a", "echo $$ > " + path("pid") + "; exec sleep 60")});
    ::_exit(0);
  }
  while (text("pid").empty()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ::kill(pool, SIGKILL);
  ::waitpid(pool, nullptr, 0);
  const pid_t command = std::stoi(text("pid"));
  // Orphans are inherited by init, which may take a moment to collect them: a zombie has ended, too.
  const auto alive = [&] {
    std::ifstream stat(fmt::format("/proc/{}/stat", command));
    std::string id, name, state;
    return static_cast<bool>(stat >> id >> name >> state) && state != "Z";
  };
  for (int i = 0; i < 500 && alive(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_FALSE(alive());
}

TEST(ClaimTest, AFileThatCannotBeMadeIsAnError) { EXPECT_THROW(Claim("/nowhere/claims", "k"), IoError); }

}  // namespace
}  // namespace genmatch
