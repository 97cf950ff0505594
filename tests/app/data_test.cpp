// `genmatch data`: what it prints and writes, and that runs keep the same statistics.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/data/npy.h"
#include "core/ops.h"
#include "experiments/app/program.h"
#include "tests/app/program_fixture.h"
#include "tests/equivariant/script_files.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Data : public ProgramTest {
 protected:
  static std::string particles(const std::string& data) {
    return "name: pair\n"
           "space: {type: point_cloud, particles: 3, dim: 2}\n"
           "source: normal\n"
           "path: linear\n"
           "data: " +
           data +
           "\nmodel: {type: egnn, width: 8, depth: 1}\n"
           "training: {steps: 3, batch: 16, select: last}\n"
           "sampling: {samples: 20, stepper: {type: midpoint, steps: 4}}\n"
           "baselines: []\n";
  }
  static std::string drawn(const std::string& energy) {
    return particles("{type: particles, energy: " + energy + ", rows: 400, sampler: {chains: 40, burn_in: 100}}");
  }
  static double value(const json& statistics, const std::string& name) {
    for (const json& s : statistics)
      if (s["name"] == name) return s["value"];
    ADD_FAILURE() << name << " is not in " << statistics;
    return 0;
  }
};

TEST_F(Data, AreDrawnWrittenAndReadBack) {
  write("d.yaml", drawn("{potential: double_well}"));
  const Outcome outcome = genmatch({"data", "d.yaml", "--seed", "3", "--output", "d.npz"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  for (const char* shown : {"train rows", "320", "mean energy", "mean of x . grad E", "±", "R-hat", "effective",
                            "accepted at temperature 1.5", "exchanged between 1 and 1.5", "seconds"})
    EXPECT_THAT(outcome.out, HasSubstr(shown));
  const Tensor train = read_npy("d.npz", "train"), test = read_npy("d.npz", "test");
  EXPECT_EQ(train.sizes(), at::IntArrayRef({320, 3, 2}));
  EXPECT_EQ(read_npy("d.npz", "validation").size(0), 40);
  EXPECT_LT(train.mean(1).abs().max().item<double>(), 1e-12);
  const json j = json::parse(read("d.json"));
  EXPECT_EQ(j["seed"], 3);
  EXPECT_EQ(j["rows"]["test"], test.size(0));
  EXPECT_NEAR(value(j["statistics"], "mean of x . grad E"), 4, 2);
  // What a run with the same seed takes for its test rows.
  ASSERT_EQ(genmatch({"run", "d.yaml", "--seed", "3", "--out", "r", "--set", "metrics=nll"}).code, 0);
  EXPECT_TRUE(read_npy("r/test.npy").equal(test.flatten(1)));
  EXPECT_EQ(json::parse(read("r/result.json"))["data"], j["statistics"]);
  // An experiment on the file that was written.
  write("f.yaml", particles("{type: npy, file: d.npz, member: train}"));
  EXPECT_EQ(genmatch({"validate", "f.yaml"}).code, 0);
}

TEST_F(Data, AreTheSameForTheSameSeed) {
  write("d.yaml", drawn("{potential: double_well}"));
  for (const char* file : {"a.npz", "b.npz"}) ASSERT_EQ(genmatch({"data", "d.yaml", "-o", file}).code, 0);
  ASSERT_EQ(genmatch({"data", "d.yaml", "-o", "c.npz", "--seed", "1"}).code, 0);
  EXPECT_EQ(read("a.npz"), read("b.npz"));
  EXPECT_NE(read("a.npz"), read("c.npz"));
}

TEST_F(Data, OfFilesAreSplitAndNothingIsOverwritten) {
  ASSERT_EQ(genmatch({"data", "e.yaml", "-o", "e.npz"}).code, 0);
  EXPECT_EQ(read_npy("e.npz", "train").sizes(), at::IntArrayRef({48, 3}));
  const auto before = snapshot();
  EXPECT_EQ(genmatch({"data", "e.yaml", "-o", "e.npz"}).code, bad_io);
  EXPECT_EQ(genmatch({"data", "e.yaml", "-o", "e.npy"}).code, bad_input);
  EXPECT_EQ(genmatch({"data", "e.yaml", "-o", "nowhere/e.npz"}).code, bad_io);
  EXPECT_EQ(genmatch({"data", "nowhere.yaml"}).code, bad_input);
  EXPECT_EQ(snapshot(), before);
  fs::remove("e.npz");
  EXPECT_THAT(genmatch({"data", "e.yaml", "-o", "e.npz"}).err, HasSubstr("e.json: exists already"));
}

TEST_F(Data, OfSeveralTimesKeepTheTime) {
  std::string rows = "time,x\n";
  for (int i = 0; i < 40; ++i) rows += std::to_string(i % 2) + "," + std::to_string(i) + "\n";
  write("points.csv", rows);
  write("t.yaml",
        "name: times\nspace: {type: euclidean, dim: 1}\nsource: data\npath: {type: waypoints, times: [0, 1]}\n"
        "data: {type: csv, file: points.csv, columns: [x], time: time}\n");
  ASSERT_EQ(genmatch({"data", "t.yaml", "-o", "t.npz"}).code, 0);
  const Tensor train = read_npy("t.npz", "train");
  EXPECT_EQ(train.sizes(), at::IntArrayRef({32, 2}));
  EXPECT_TRUE(train.select(1, 0).remainder(2).equal(train.select(1, 1)));
}

// The energy of a user's file gives the same numbers as the built-in one; a change of the file is a change of the data.
TEST_F(Data, OfAUsersEnergy) {
  write_script("energy.pt", kDoubleWellScript);
  write("d.yaml", drawn("{potential: torchscript, file: energy.pt}"));
  ASSERT_EQ(genmatch({"data", "d.yaml", "-o", "users.npz"}).code, 0);
  write("b.yaml", drawn("{potential: double_well}"));
  ASSERT_EQ(genmatch({"data", "b.yaml", "-o", "ours.npz"}).code, 0);
  const json users = json::parse(read("users.json")), ours = json::parse(read("ours.json"));
  const auto error = [](const json& j) { return j["statistics"][0]["error"].get<double>(); };
  EXPECT_NEAR(value(users["statistics"], "mean energy"), value(ours["statistics"], "mean energy"),
              4 * std::hypot(error(users), error(ours)));
  EXPECT_LT(error(ours), 1);
  const std::string metrics = "metrics=[ess, free_energy, energy_w1]";
  ASSERT_EQ(genmatch({"run", "d.yaml", "--out", "r", "--set", metrics}).code, 0);
  const std::string same =
      "metrics=[{type: ess, energy: {potential: double_well}}, {type: free_energy, energy: "
      "{potential: double_well}}, {type: energy_w1, energy: {potential: double_well}}]";
  const Outcome again = genmatch({"evaluate", "r", "--set", same, "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  const json a = json::parse(read("r/result.json"))["metrics"], b = json::parse(again.out)["metrics"];
  for (const char* name : {"ess", "free_energy", "energy_w1"})
    EXPECT_NEAR(a[name]["mean"].get<double>(), b[name]["mean"].get<double>(),
                1e-6 * (1 + std::abs(a[name]["mean"].get<double>())));
  write_script("energy.pt", "    return (x ** 2).sum([1, 2])\n");
  EXPECT_EQ(genmatch({"evaluate", "r"}).code, bad_data);
  ASSERT_EQ(genmatch({"data", "d.yaml", "-o", "other.npz"}).code, 0);
  EXPECT_NE(json::parse(read("other.json"))["hash"], users["hash"]);
  write_script("energy.pt", "    return (x[:, :, 0] ** 2).sum(1) + (x ** 2).sum([1, 2])\n");
  EXPECT_THAT(genmatch({"data", "d.yaml"}).err, HasSubstr("the energy changes under rotations"));
}

// Not after an hour of training.
TEST_F(Data, WithoutAnEnergyItIsAskedForByValidate) {
  write("d.yaml", drawn("{potential: double_well}"));
  ASSERT_EQ(genmatch({"data", "d.yaml", "-o", "d.npz"}).code, 0);
  write("f.yaml", particles("{type: npy, file: d.npz, member: train}") + "metrics: [nll, ess]\n");
  const Outcome outcome = genmatch({"validate", "f.yaml"});
  EXPECT_EQ(outcome.code, bad_input);
  EXPECT_THAT(outcome.err, HasSubstr("f.yaml:10:16"));
  EXPECT_THAT(outcome.err, HasSubstr("energy: {potential: lennard_jones"));
  EXPECT_EQ(genmatch({"validate", "f.yaml", "--set", "metrics=[{type: ess, energy: {potential: double_well}}]"}).code,
            0);
  EXPECT_EQ(genmatch({"validate", "f.yaml", "--set", "metrics=nll", "--set", "figures=energies"}).code, bad_input);
}

// One network and one run for two to four particles; what needs one energy says so.
TEST_F(Data, OfVaryingNumbersTrainAndSample) {
  std::string varying = drawn("{potential: double_well}");
  const std::string fixed = "particles: 3, dim: 2";
  varying.replace(varying.find(fixed), fixed.size(), "particles: 4, fewest: 2, dim: 2");
  write("v.yaml", varying + "metrics: [nll, nll_without_normaliser, path_length]\nfigures: [radial_distribution]\n");
  const Outcome outcome = genmatch({"run", "v.yaml", "--out", "v"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("clouds of 2 to 4 points"));
  EXPECT_THAT(outcome.err, HasSubstr("2 particles: mean energy"));
  const Tensor samples = read_npy("v/samples.npy", "").reshape({20, 4, 2}), there = samples.ne(0).any(-1),
               number = there.sum(-1);
  EXPECT_TRUE(number.ge(2).logical_and(number.le(4)).all().item<bool>());
  EXPECT_GT(number.max().item<int64_t>(), number.min().item<int64_t>());
  EXPECT_LT(samples.sum(1).abs().max().item<double>(), 1e-5);
  EXPECT_TRUE(read_npy("v/samples_log_density.npy", "").isfinite().all().item<bool>());
  write("e.yaml", varying + "metrics: [ess]\n");
  const Outcome refused = genmatch({"run", "e.yaml"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("one number of particles"));
  for (const char* const metric : {"w1", "w2", "mmd", "energy_distance"}) {
    write("e.yaml", varying + "metrics: [" + metric + "]\n");
    const Outcome apart = genmatch({"run", "e.yaml"});
    EXPECT_EQ(apart.code, 2) << metric;
    EXPECT_THAT(apart.err, HasSubstr("may be infinitely far apart"));
  }
}

}  // namespace
}  // namespace genmatch
