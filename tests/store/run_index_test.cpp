#include "experiments/store/run_index.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <regex>
#include <thread>

#include "core/errors.h"
#include "tests/app/program_fixture.h"
#include "tests/store/make_run.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Index : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    fs::create_directory("runs");
  }
  static std::vector<std::string> paths(const std::vector<IndexedRun>& runs) {
    std::vector<std::string> all;
    for (const IndexedRun& run : runs) all.push_back(run.path);
    return all;
  }
  static std::vector<std::string> found(const RunFilter& filter = {}) { return paths(RunIndex("runs").find(filter)); }
  static std::vector<std::string> with_option(const std::string& option) {
    RunFilter filter;
    filter.options = {option};
    return found(filter);
  }
  static void synchronise() { RunIndex("runs").synchronise(); }
};

TEST_F(Index, HoldsWhatTheFoldersHold) {
  finished_run("runs/a/1",
               {"a", "wide, batch=512", 18446744073709551615u, "2026-01-02T03:04:05Z", "k1", "x: 1\n", -3.5});
  const auto runs = RunIndex("runs").find({});
  ASSERT_EQ(runs.size(), 1);
  EXPECT_EQ(runs[0].path, "runs/a/1");
  EXPECT_EQ(runs[0].record.name, "a");
  EXPECT_EQ(runs[0].record.variant, "wide, batch=512");
  EXPECT_EQ(runs[0].record.seed, 18446744073709551615u);
  EXPECT_EQ(runs[0].record.created, "2026-01-02T03:04:05Z");
  EXPECT_EQ(runs[0].record.key, "k1");
  EXPECT_EQ(runs[0].record.status, "finished");
  ASSERT_TRUE(runs[0].result.has_value());
  EXPECT_EQ(runs[0].result->metrics.at("nll").mean, -3.5);
  EXPECT_EQ(runs[0].result->baselines.at("kde").at("nll").n, 10);
}

TEST_F(Index, RunsRecordThemselves) {
  synchronise();
  RunFolder folder = begin_run("runs/a/1", {});
  SQLite::Database database("runs/index.sqlite");
  const auto status = [&] { return database.execAndGet("SELECT status FROM runs").getString(); };
  EXPECT_EQ(status(), "running");
  folder.set_status("interrupted");
  EXPECT_EQ(status(), "interrupted");
  finish(folder, 1);
  EXPECT_EQ(status(), "finished");
  EXPECT_EQ(database.execAndGet("SELECT mean FROM metrics WHERE metric = 'nll' AND baseline = ''").getDouble(), 1);
  EXPECT_EQ(database.execAndGet("SELECT mean FROM metrics WHERE baseline = 'kde'").getDouble(), 2);
}

TEST_F(Index, FiltersByNameVariantStatusKeyAndTime) {
  finished_run("runs/a/1", {"quick", "wide", 0, "2026-01-02T03:04:05Z", "k1"});
  finished_run("runs/a/2", {"quickstart", "narrow", 0, "2026-01-02T23:59:59Z", "k2"});
  RunFolder failed = begin_run("runs/b/3", {"fire[1]", "", 0, "2026-02-03T00:00:00Z", "k3"});
  failed.set_status("failed");
  EXPECT_THAT(found(), ElementsAre("runs/b/3", "runs/a/2", "runs/a/1"));
  const auto only = [](std::string RunFilter::*field, const std::string& value) {
    RunFilter filter;
    filter.*field = value;
    return found(filter);
  };
  EXPECT_THAT(only(&RunFilter::name, "quick"), ElementsAre("runs/a/1"));
  EXPECT_THAT(only(&RunFilter::name, "quick*"), ElementsAre("runs/a/2", "runs/a/1"));
  EXPECT_THAT(only(&RunFilter::name, "fire[1]"), ElementsAre("runs/b/3"));
  EXPECT_THAT(only(&RunFilter::name, "f?re*"), IsEmpty());
  EXPECT_THAT(only(&RunFilter::variant, "*ar*"), ElementsAre("runs/a/2"));
  EXPECT_THAT(only(&RunFilter::status, "failed"), ElementsAre("runs/b/3"));
  EXPECT_THAT(only(&RunFilter::key, "k2"), ElementsAre("runs/a/2"));
}

TEST_F(Index, TimesIncludeBothEnds) {
  finished_run("runs/a/1", {"a", "", 0, "2026-01-02T03:04:05Z"});
  finished_run("runs/a/2", {"a", "", 0, "2026-01-02T23:59:59Z"});
  finished_run("runs/a/3", {"a", "", 0, "2026-02-03T00:00:00Z"});
  const auto between = [](const std::string& since, const std::string& until) {
    RunFilter filter;
    filter.since = since;
    filter.until = until;
    return found(filter);
  };
  EXPECT_THAT(between("2026-01-02", "2026-01-02"), ElementsAre("runs/a/2", "runs/a/1"));
  EXPECT_THAT(between("2026-01-02T04", ""), ElementsAre("runs/a/3", "runs/a/2"));
  EXPECT_THAT(between("", "2026-01-02T03"), ElementsAre("runs/a/1"));
  EXPECT_THAT(between("2026-02", "2026"), ElementsAre("runs/a/3"));
}

TEST_F(Index, FiltersByOptions) {
  finished_run("runs/a/1", {"a", "", 0, "2026-01-01", "", "path: {type: geodesic}\nrate: 0.001\nsizes: [2, 8]\n"});
  finished_run("runs/a/2", {"a", "", 0, "2026-01-02", "", "path: {type: linear}\nrate: 0.01\nsizes: []\nnone: null\n"});
  EXPECT_THAT(with_option("path.type=linear"), ElementsAre("runs/a/2"));
  EXPECT_THAT(with_option("path=geodesic"), ElementsAre("runs/a/1"));
  EXPECT_THAT(with_option("rate=1e-3"), ElementsAre("runs/a/1"));
  EXPECT_THAT(with_option("sizes.1=8"), ElementsAre("runs/a/1"));
  EXPECT_THAT(with_option("sizes=[]"), ElementsAre("runs/a/2"));
  EXPECT_THAT(with_option("none=null"), ElementsAre("runs/a/2"));
  EXPECT_THAT(with_option("rate=fast"), IsEmpty());
  RunFilter both;
  both.options = {"path=linear", "rate=0.001"};
  EXPECT_THAT(found(both), IsEmpty());
}

TEST_F(Index, FiltersThatMakeNoSenseAreRefused) {
  const RunIndex index("runs");
  for (const char* option : {"model.width", "=64"}) {
    RunFilter filter;
    filter.options = {option};
    EXPECT_THROW(index.find(filter), ConfigError) << option;
  }
  for (const char* date :
       {"yesterday", "2026-13", "2026-02-30", "2026-1-2", "2026-01-02T25", "2026-01-02T03:04:05Zz"}) {
    RunFilter since, until;
    since.since = until.until = date;
    EXPECT_THROW(index.find(since), ConfigError) << date;
    EXPECT_THROW(index.find(until), ConfigError) << date;
  }
  RunFilter status;
  status.status = "done";
  EXPECT_THROW(index.find(status), ConfigError);
}

TEST_F(Index, SynchroniseFollowsTheFolders) {
  synchronise();
  finished_run("elsewhere/1", {});
  fs::create_directory("runs/a");
  fs::rename("elsewhere/1", "runs/a/1");
  finished_run("runs/a/2", {});
  EXPECT_THAT(found(), ElementsAre("runs/a/2"));
  synchronise();
  EXPECT_THAT(found(), UnorderedElementsAre("runs/a/1", "runs/a/2"));
  fs::remove_all("runs/a/2");
  write("runs/a/1/run.json", std::regex_replace(read("runs/a/1/run.json"), std::regex("finished"), "failed"));
  synchronise();
  EXPECT_THAT(found(), ElementsAre("runs/a/1"));
  EXPECT_EQ(RunIndex("runs").find({})[0].record.status, "failed");
}

TEST_F(Index, NothingIsWrittenWhereNothingHasChanged) {
  finished_run("runs/a/1", {});
  synchronise();
  const auto before = fs::last_write_time("runs/index.sqlite");
  SQLite::Database writer("runs/index.sqlite", SQLite::OPEN_READWRITE);
  const SQLite::Transaction lock(writer, SQLite::TransactionBehavior::IMMEDIATE);  // a second writer would wait
  synchronise();
  EXPECT_EQ(fs::last_write_time("runs/index.sqlite"), before);
}

TEST_F(Index, LeavesOutWhatIsNoRun) {
  finished_run("runs/a/1", {});
  fs::create_directories("runs/a/empty");
  write("runs/a/damaged/run.json", "{\"name\": \"a\", ");
  fs::copy("runs/a/1", "runs/a/no-options");
  fs::remove("runs/a/no-options/resolved.yaml");
  fs::create_directories("runs/.trash/1");
  fs::copy("runs/a/1", "runs/.trash/1");
  fs::create_directory_symlink(folder_ / "runs/a/1", "runs/a/link");
  synchronise();
  EXPECT_THAT(found(), ElementsAre("runs/a/1"));
  RunIndex("runs").rebuild();
  EXPECT_THAT(found(), ElementsAre("runs/a/1"));
}

TEST_F(Index, ADamagedResultCostsTheNumbersOnly) {
  finished_run("runs/a/1", {});
  write("runs/a/1/result.json", "{");
  synchronise();
  EXPECT_FALSE(RunIndex("runs").find({}).at(0).result.has_value());
}

TEST_F(Index, AKilledRunIsToldFromARunningOne) {
  const RunFolder running = begin_run("runs/a/running", {});
  const pid_t child = fork();
  if (child == 0) {
    const RunFolder killed = begin_run("runs/a/killed", {});
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  synchronise();
  RunFilter filter;
  filter.status = "killed";
  EXPECT_THAT(found(filter), ElementsAre("runs/a/killed"));
  filter.status = "running";
  EXPECT_THAT(found(filter), ElementsAre("runs/a/running"));
}

TEST_F(Index, LookingForKilledRunsKeepsNobodyFromGoingOn) {
  begin_run("runs/a/1", {});
  synchronise();
  std::atomic<bool> stop = false;
  std::thread watcher([&] {
    const RunRecord record = RunFolder::open("runs/a/1", false).record();
    while (!stop) RunFolder::status("runs/a/1", record);
  });
  for (int i = 0; i < 200; ++i) EXPECT_NO_THROW(RunFolder::open("runs/a/1", true));
  stop = true;
  watcher.join();
}

TEST_F(Index, IsMadeAnewWhereItIsDamaged) {
  for (int i = 0; i < 60; ++i) finished_run("runs/a/" + std::to_string(i), {"a", "", static_cast<uint64_t>(i)});
  synchronise();
  const std::string whole = read("runs/index.sqlite");
  const auto with_garbage = [&](std::size_t from, std::size_t to) {
    std::string text = whole;
    for (std::size_t i = from; i < to; ++i) text[i] = static_cast<char>(i * 7919 >> 3);
    return text;
  };
  const std::vector<std::string> damaged{"",
                                         whole.substr(0, 50),
                                         whole.substr(0, 5000),
                                         whole.substr(0, whole.size() / 2),
                                         with_garbage(0, whole.size()),
                                         with_garbage(100, whole.size()),
                                         with_garbage(4096, whole.size())};
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    write("runs/index.sqlite", damaged[i]);
    synchronise();
    EXPECT_EQ(found().size(), 60) << i;
    EXPECT_EQ(with_option("model.width=8").size(), 60) << i;
  }
  EXPECT_EQ(read("runs/index.sqlite.damaged").size(), whole.size());  // one of them could have been another's
}

TEST_F(Index, DamageIsMendedByWhoeverMeetsIt) {
  finished_run("runs/a/1", {});
  RunIndex index("runs");
  const std::string whole = read("runs/index.sqlite");
  write("runs/index.sqlite", std::string(whole.size(), 'x'));
  EXPECT_EQ(index.find({}).size(), 1);
  write("runs/index.sqlite", std::string(whole.size(), 'x'));
  finished_run("runs/a/2", {});
  EXPECT_EQ(found().size(), 2);
}

TEST_F(Index, AnOlderSchemaIsMadeAnew) {
  finished_run("runs/a/1", {});
  synchronise();
  SQLite::Database("runs/index.sqlite", SQLite::OPEN_READWRITE)
      .exec("DROP VIEW metrics; ALTER TABLE runs DROP COLUMN stamp; PRAGMA user_version = 0");
  synchronise();
  EXPECT_THAT(found(), ElementsAre("runs/a/1"));
}

TEST_F(Index, AnothersDatabaseIsLeftAlone) {
  SQLite::Database("runs/index.sqlite", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE songs (title)");
  const std::string before = read("runs/index.sqlite");
  EXPECT_THAT([] { RunIndex("runs"); },
              testing::ThrowsMessage<IoError>(HasSubstr("runs/index.sqlite: is a database of another program")));
  finished_run("runs/a/1", {});  // which is no reason for a run to fail
  EXPECT_EQ(read("runs/index.sqlite"), before);
}

TEST_F(Index, FoldersThatCannotHoldOne) {
  EXPECT_THROW(RunIndex("nowhere"), IoError);
  EXPECT_THROW(RunIndex("e.yaml"), IoError);
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  fs::permissions("runs", fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THROW(RunIndex("runs"), IoError);
  fs::permissions("runs", fs::perms::owner_all);
}

TEST_F(Index, BelongsToTheFolderAbove) {
  fs::create_directories("other/deep");
  EXPECT_EQ(index_root("runs/a/1"), fs::canonical("runs").string());
  EXPECT_EQ(index_root("other/deep/1"), std::nullopt);
  EXPECT_EQ(index_root("runs"), std::nullopt);
  RunIndex("other");
  EXPECT_EQ(index_root("other/deep/1"), fs::canonical("other").string());
  RunIndex("other/deep");
  EXPECT_EQ(index_root("other/deep/1"), fs::canonical("other/deep").string());
}

}  // namespace
}  // namespace genmatch
