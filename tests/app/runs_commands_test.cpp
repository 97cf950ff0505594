// Runs are found again, shown and compared.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "experiments/app/program.h"
#include "tests/app/program_fixture.h"
#include "tests/store/make_run.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Runs : public ProgramTest {
 protected:
  /// A finished run of e.yaml with an override, without training.
  void make(const std::string& path, const std::string& option, RunSpec spec) const {
    spec.options = genmatch({"validate", "e.yaml", "--resolved", "--set", option}).out;
    finished_run(path, spec);
  }
};

TEST_F(Runs, ListShowAndDiffOfRealRuns) {
  ASSERT_EQ(genmatch({"run", "e.yaml"}).code, 0);
  ASSERT_EQ(genmatch({"run", "e.yaml", "--seed", "7", "--set", "model.width=12"}).code, 0);
  const json all = json::parse(genmatch({"runs", "--json"}).out);
  ASSERT_EQ(all.size(), 2);
  for (const json& run : all) {
    EXPECT_EQ(run["name"], "tiny");
    EXPECT_EQ(run["status"], "finished");
    EXPECT_EQ(run["result"], json::parse(read(run["path"].get<std::string>() + "/result.json")));
  }
  const json wide = json::parse(genmatch({"runs", "--json", "model.width=12"}).out);
  ASSERT_EQ(wide.size(), 1);
  EXPECT_EQ(wide[0]["seed"], 7);

  const Outcome shown = genmatch({"show", wide[0]["path"]});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("finished"), HasSubstr("model.width"), HasSubstr("test nll"), HasSubstr("kde"),
                               HasSubstr("libtorch"), Not(HasSubstr("--resume"))));
  const json other = all[0]["seed"] == 7 ? all[1] : all[0];
  const Outcome diff = genmatch({"diff", other["path"], wide[0]["path"], "--json"});
  EXPECT_EQ(diff.code, 0) << diff.err;
  const json differences = json::parse(diff.out);
  EXPECT_EQ(differences["options"], json({{"model.width", {"8", "12"}}, {"seed", {"0", "7"}}}));
  EXPECT_THAT(differences["data"], IsEmpty());
  EXPECT_NEAR(differences["metrics"]["nll"]["difference"].get<double>(),
              wide[0]["result"]["metrics"]["nll"]["mean"].get<double>() -
                  other["result"]["metrics"]["nll"]["mean"].get<double>(),
              1e-12);
}

TEST_F(Runs, ListIsATable) {
  make("runs/tiny/1", "training.steps=70", {"tiny", "long, wide", 3, "2026-01-02T03:04:05Z", "", "", -3.63});
  begin_run("runs/tiny/2", {"tiny", "", 4, "2026-01-03T03:04:05Z"}).set_status("interrupted");
  const Outcome table = genmatch({"runs"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("nll -3.630 ± 0.500"), HasSubstr("runs/tiny/1"), HasSubstr("interrupted")));
  EXPECT_LT(table.out.find("runs/tiny/2"), table.out.find("runs/tiny/1"));  // the latest first
  const Outcome latest = genmatch({"runs", "--limit", "1"});
  EXPECT_THAT(latest.out, AllOf(HasSubstr("runs/tiny/2"), Not(HasSubstr("runs/tiny/1")), HasSubstr("1 more")));
  EXPECT_EQ(genmatch({"runs", "--csv", "--status", "finished"}).out,
            "created,name,variant,seed,status,seconds,run,nll,nll_sem\n"
            "2026-01-02T03:04:05Z,tiny,\"long, wide\",3,finished,0,runs/tiny/1,-3.63,0.5\n");
}

TEST_F(Runs, NothingToListIsNoError) {
  const Outcome none = genmatch({"runs"});
  EXPECT_EQ(none.code, 0) << none.err;
  EXPECT_THAT(none.out, HasSubstr("genmatch run FILE"));
  EXPECT_FALSE(fs::exists(folder_ / "runs"));
  EXPECT_EQ(json::parse(genmatch({"runs", "--json"}).out), json::array());
  finished_run("runs/tiny/1", {});
  const Outcome no_match = genmatch({"runs", "--name", "large*"});
  EXPECT_EQ(no_match.code, 0) << no_match.err;
  EXPECT_THAT(no_match.out, HasSubstr("no run matches"));
}

TEST_F(Runs, MistakesAreExplained) {
  finished_run("runs/tiny/1", {});
  struct Mistake {
    std::vector<std::string> arguments;
    int code;
    std::string says;
  };
  for (const Mistake& m : std::vector<Mistake>{{{"runs", "--runs", "nowhere"}, bad_io, "nowhere: no such folder"},
                                               {{"runs", "--runs", "e.yaml"}, bad_io, "e.yaml"},
                                               {{"runs", "--since", "yesterday"}, bad_input, "yesterday"},
                                               {{"runs", "--status", "done"}, bad_input, "interrupted"},
                                               {{"runs", "model.width"}, bad_input, "KEY=VALUE"},
                                               {{"runs", "--limit", "0"}, bad_input, "--limit"},
                                               {{"show", "nowhere"}, bad_io, "genmatch runs"},
                                               {{"show", "runs/tiny"}, bad_io, "holds no run"},
                                               {{"diff", "tiny/1", "nowhere"}, bad_io, "nowhere"}}) {
    const Outcome outcome = genmatch(m.arguments);
    EXPECT_EQ(outcome.code, m.code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(m.says));
  }
}

TEST_F(Runs, ADamagedRunIsNamedByTheFileThatIs) {
  make("runs/tiny/1", "training.steps=70", {});
  const std::string record = read("runs/tiny/1/run.json"), result = read("runs/tiny/1/result.json");
  write("runs/tiny/1/result.json", result.substr(0, 20));
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"show", "runs/tiny/1"},
                                                    std::vector<std::string>{"diff", "runs/tiny/1", "runs/tiny/1"}}) {
    const Outcome outcome = genmatch(arguments);
    EXPECT_EQ(outcome.code, bad_io);
    EXPECT_THAT(outcome.err, HasSubstr("result.json"));
  }
  write("runs/tiny/1/run.json", record.substr(0, 20));
  EXPECT_THAT(genmatch({"show", "runs/tiny/1"}).err, HasSubstr("run.json"));
  EXPECT_EQ(genmatch({"runs"}).code, 0);
}

TEST_F(Runs, AreNamedByTheBeginOrTheEndOfTheirPath) {
  for (const char* path : {"runs/a/2026-0", "runs/a/2026-1", "runs/b/2027-1"}) make(path, "seed=1", {});
  const auto shown = [&](const std::string& name) {
    return json::parse(genmatch({"show", name, "--json"}).out)["path"];
  };
  EXPECT_EQ(shown("2026-0"), "runs/a/2026-0");
  EXPECT_EQ(shown("b/"), "runs/b/2027-1");
  EXPECT_EQ(shown("b/2027-1"), "runs/b/2027-1");
  const Outcome both = genmatch({"show", "a/2026"});
  EXPECT_EQ(both.code, bad_input);
  EXPECT_THAT(both.err, AllOf(HasSubstr("runs/a/2026-0"), HasSubstr("runs/a/2026-1"), Not(HasSubstr("runs/b"))));
}

TEST_F(Runs, ShowTellsWhatWasChangedAndHowToGoOn) {
  RunSpec spec;
  spec.options =
      genmatch({"validate", "e.yaml", "--resolved", "--set", "training.optimizer={type: adamw, rate: 0.5}"}).out;
  begin_run("runs/tiny/1", spec);
  const Outcome shown = genmatch({"show", "tiny/1"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("killed"), HasSubstr("genmatch run runs/tiny/1 --resume")));
  const json options = json::parse(genmatch({"show", "tiny/1", "--json"}).out)["options"];
  EXPECT_EQ(options["space.type"], "sphere");
  EXPECT_EQ(options["model.width"], "8");
  EXPECT_EQ(options["training.optimizer.rate"], "0.5");
  EXPECT_EQ(options["data.columns.1"], "lon");
  for (const char* unchanged :
       {"path.type", "model.type", "model.activation", "metrics.0.type", "sampling.batch", "seed"})
    EXPECT_FALSE(options.contains(unchanged)) << unchanged;
}

TEST_F(Runs, DiffPutsTheRunsSideBySide) {
  make("runs/tiny/1", "path={type: geodesic}", {"tiny", "", 0, "2026-01-02T03:04:05Z", "", "", -3});
  make("runs/tiny/2", "baselines=[]", {"tiny", "", 0, "2026-01-02T03:04:06Z", "", "", -2});
  const Outcome diff = genmatch({"diff", "tiny/1", "tiny/2"});
  EXPECT_EQ(diff.code, 0) << diff.err;
  EXPECT_THAT(diff.out, AllOf(HasSubstr("baselines.0.type"), HasSubstr("-3.000 ± 0.500"), HasSubstr("-2.000 ± 0.500"),
                              HasSubstr("1.000 ± 0.707"), Not(HasSubstr("model"))));
  EXPECT_THAT(genmatch({"diff", "tiny/1", "runs/tiny/1"}).out, HasSubstr("no difference"));
}

TEST_F(Runs, DiffOfAnUnfinishedRunComparesItsOptions) {
  make("runs/tiny/1", "seed=0", {});
  RunSpec spec;
  spec.options = read("runs/tiny/1/resolved.yaml");
  begin_run("runs/tiny/2", spec);
  const Outcome diff = genmatch({"diff", "tiny/1", "tiny/2"});
  EXPECT_EQ(diff.code, 0) << diff.err;
  EXPECT_THAT(diff.out, AllOf(HasSubstr("runs/tiny/2: is not finished"), Not(HasSubstr("no difference"))));
}

TEST_F(Runs, RebuildForgetsAndReadsAgain) {
  finished_run("runs/tiny/1", {});
  write("runs/index.sqlite", "garbage that is no database, longer than nothing");
  EXPECT_EQ(json::parse(genmatch({"runs", "--rebuild", "--json"}).out).size(), 1);
  EXPECT_TRUE(fs::exists(folder_ / "runs/index.sqlite.damaged"));
}

}  // namespace
}  // namespace genmatch
