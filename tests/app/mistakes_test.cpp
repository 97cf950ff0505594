// One test per kind of mistake: a clear message that says where, the right exit code, and nothing touched.
#include <gmock/gmock.h>

#include "experiments/app/program.h"
#include "tests/app/program_fixture.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

struct Mistake {
  std::string name;
  std::string line, replacement;  // in the experiment; nothing replaced if `line` is empty
  int code;
  std::vector<std::string> says;            // all of these
  std::string points = "";                  // content of points.csv, if not the usual
  std::vector<std::string> arguments = {};  // after `run e.yaml`
};

void PrintTo(const Mistake& m, std::ostream* out) { *out << m.name; }

class Mistakes : public ProgramTest, public testing::WithParamInterface<Mistake> {};

TEST_P(Mistakes, AreExplainedAndTouchNothing) {
  const Mistake& m = GetParam();
  if (!m.line.empty()) write("e.yaml", with(m.line, m.replacement));
  if (!m.points.empty()) write("points.csv", m.points);
  const auto before = snapshot();
  std::vector<std::string> arguments{"run", "e.yaml"};
  arguments.insert(arguments.end(), m.arguments.begin(), m.arguments.end());
  const Outcome outcome = genmatch(arguments);
  EXPECT_EQ(outcome.code, m.code) << outcome.err;
  for (const std::string& text : m.says) EXPECT_THAT(outcome.err, HasSubstr(text));
  EXPECT_EQ(snapshot(), before);
}

std::string name_of(const testing::TestParamInfo<Mistake>& info) {
  std::string n = info.param.name;
  std::replace(n.begin(), n.end(), ' ', '_');
  return n;
}

const std::string kHeader = "lat,lon\n";
const std::string kGood = "10,20\n11,21\n12,22\n13,23\n14,24\n15,25\n16,26\n17,27\n18,28\n19,29\n20,30\n21,31\n";

INSTANTIATE_TEST_SUITE_P(
    File, Mistakes,
    testing::Values(
        Mistake{"syntax", "path: geodesic", "path: [geodesic", bad_input, {"e.yaml:"}},
        Mistake{"tab", "path: geodesic", "\tpath: geodesic", bad_input, {"e.yaml:3:"}},
        Mistake{"unknown key",
                "path: geodesic",
                "paths: geodesic",
                bad_input,
                {"e.yaml:3:1", "paths", "did you mean", "path"}},
        Mistake{"unknown nested key",
                "batch: 16",
                "batsch: 16",
                bad_input,
                {"e.yaml:6:", "batsch", "did you mean", "batch"}},
        Mistake{"duplicate key", "path: geodesic", "path: geodesic\npath: geodesic", bad_input, {"e.yaml:4:1", "path"}},
        Mistake{"missing name", "name: tiny\n", "", bad_input, {"e.yaml", "name"}},
        Mistake{"missing space", "space: sphere\n", "", bad_input, {"e.yaml", "space"}},
        Mistake{"unknown space", "space: sphere", "space: spere", bad_input, {"e.yaml:2:8", "spere", "sphere"}},
        Mistake{"unknown path", "path: geodesic", "path: geodesc", bad_input, {"e.yaml:3:7", "geodesc", "geodesic"}},
        Mistake{
            "unknown activation", "depth: 2", "depth: 2, activation: silo", bad_input, {"e.yaml:5:", "silo", "silu"}},
        Mistake{"text for a number", "steps: 60", "steps: many", bad_input, {"e.yaml:6:", "steps", "many"}},
        Mistake{"fraction for an integer", "steps: 60", "steps: 60.5", bad_input, {"e.yaml:6:", "60.5"}},
        Mistake{"negative width", "width: 8", "width: -8", bad_input, {"e.yaml:5:", "width", "-8"}},
        Mistake{"dimension zero", "space: sphere", "space: {type: sphere, dim: 0}", bad_input, {"e.yaml:2:", "dim"}},
        Mistake{"list for a map", "model: {type: mlp, width: 8, depth: 2}", "model: [1, 2]", bad_input, {"e.yaml:5:"}},
        Mistake{"name with a slash", "name: tiny", "name: ../../tiny", bad_input, {"e.yaml:1:", "name"}},
        Mistake{"space and factors",
                "path: geodesic",
                "factors: {a: {space: sphere}}",
                bad_input,
                {"e.yaml:2:", "factors"}},
        Mistake{"source that does not fit", "path: geodesic", "source: normal", bad_input, {"e.yaml:3:", "normal"}},
        Mistake{
            "path that does not fit", "path: geodesic", "path: linear", bad_input, {"e.yaml:3:", "linear", "geodesic"}},
        Mistake{"weights that do not sum to one",
                "path: geodesic",
                "generators: [{type: flow, weight: 0.5}]",
                bad_input,
                {"e.yaml:3:", "generators", "0.5"}},
        Mistake{"include that is missing", "path: geodesic", "include: nowhere.yaml", bad_input, {"nowhere.yaml"}},
        Mistake{"include of itself", "path: geodesic", "include: e.yaml", bad_input, {"e.yaml", "include"}},
        Mistake{"too few columns", "columns: [lat, lon]", "columns: [lat]", bad_input, {"columns", "2"}},
        Mistake{"format that does not fit", "format: latlon", "format: degrees", bad_input, {"e.yaml:4:", "format"}},
        Mistake{"split that leaves nothing",
                "format: latlon}",
                "format: latlon, split: {validation: 0.5, test: 0.6}}",
                bad_input,
                {"e.yaml:4:", "split"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Data, Mistakes,
    testing::Values(
        Mistake{"missing file", "points.csv", "nowhere.csv", bad_data, {"nowhere.csv", "GENMATCH_DATA"}},
        Mistake{"missing column", "[lat, lon]", "[lat, lone]", bad_data, {"lone", "lon", "points.csv"}},
        Mistake{"not a number", "", "", bad_data, {"points.csv:3"}, kHeader + "10,20\nnan,21\n" + kGood},
        Mistake{"text in a column",
                "",
                "",
                bad_data,
                {"points.csv:4", "north"},
                kHeader + "10,20\n11,21\nnorth,22\n" + kGood},
        Mistake{"ragged row", "", "", bad_data, {"points.csv:3"}, kHeader + "10,20\n11\n" + kGood},
        Mistake{"latitude out of range", "", "", bad_data, {"points.csv:2", "91"}, kHeader + "91,20\n" + kGood},
        Mistake{"longitude out of range", "", "", bad_data, {"points.csv:2", "400"}, kHeader + "10,400\n" + kGood},
        Mistake{"empty file", "", "", bad_data, {"points.csv", "empty"}, "\n"},
        Mistake{"header only", "", "", bad_data, {"points.csv:1", "no row of data"}, kHeader},
        Mistake{"too few rows to split", "", "", bad_data, {"points.csv", "rows"}, kHeader + "10,20\n11,21\n"},
        Mistake{"nothing left after filtering",
                "format: latlon}",
                "format: latlon, where: [{column: size, min: 99}]}",
                bad_data,
                {"where", "rows"}},
        Mistake{"binary file",
                "",
                "",
                bad_data,
                {"points.csv"},
                std::string("\x7f"
                            "ELF\0\0\0\1\0",
                            9)},
        Mistake{"a folder as file", "points.csv", ".", bad_data, {"folder"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    CommandLine, Mistakes,
    testing::Values(
        Mistake{"set without value", "", "", bad_input, {"--set", "KEY=VALUE"}, "", {"--set", "training.steps"}},
        Mistake{"set of an unknown key",
                "",
                "",
                bad_input,
                {"--set", "stepps", "steps"},
                "",
                {"--set", "training.stepps=3"}},
        Mistake{"set of a wrong type", "", "", bad_input, {"--set", "many"}, "", {"--set", "training.steps=many"}},
        Mistake{"negative seed", "", "", bad_input, {"--seed"}, "", {"--seed", "-1"}},
        Mistake{"no threads", "", "", bad_input, {"--threads"}, "", {"--threads", "0"}},
        Mistake{"unknown device", "", "", bad_input, {"--device"}, "", {"--device", "tpu"}},
        Mistake{"device that is not there", "", "", bad_input, {"cuda"}, "", {"--device", "cuda"}},
        Mistake{"run folder that exists", "", "", bad_io, {"exists", "--out"}, "", {"--out", "."}},
        Mistake{"run folder that cannot be made", "", "", bad_io, {"/proc/x"}, "", {"--out", "/proc/x"}},
        Mistake{"nothing to resume", "", "", bad_input, {"--resume", "unfinished"}, "", {"--resume"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Comparison, Mistakes,
                         testing::Values(Mistake{"unknown key in a variant",
                                                 "path: geodesic",
                                                 "path: geodesic\nvariants: {a: {model.widht: 3}}",
                                                 bad_input,
                                                 {"e.yaml:4:16", "widht", "did you mean", "width"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"seed in a variant",
                                                 "path: geodesic",
                                                 "path: geodesic\nvariants: {a: {seed: 1}}",
                                                 bad_input,
                                                 {"e.yaml:4:16", "seeds"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"variant that is not there",
                                                 "path: geodesic",
                                                 "path: geodesic\nvariants: {left: {}}",
                                                 bad_input,
                                                 {"e.yaml", "letf", "did you mean \"left\"?"},
                                                 "",
                                                 {"--variant", "letf"}},
                                         Mistake{"no variants",
                                                 "path: geodesic",
                                                 "path: geodesic\nvariants: {}",
                                                 bad_input,
                                                 {"e.yaml:4:11", "variants"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"list of variants",
                                                 "path: geodesic",
                                                 "path: geodesic\nvariants: [a]",
                                                 bad_input,
                                                 {"e.yaml:4:11", "variants"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"two variants alike",
                                                 "path: geodesic",
                                                 "path: geodesic\nvariants: {a: {}, b: {model.width: 8}}",
                                                 bad_input,
                                                 {"e.yaml:4:19", "same options"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"empty grid",
                                                 "path: geodesic",
                                                 "path: geodesic\ngrid: {}",
                                                 bad_input,
                                                 {"e.yaml:4:7", "grid"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"no values in a grid",
                                                 "path: geodesic",
                                                 "path: geodesic\ngrid: {model.width: []}",
                                                 bad_input,
                                                 {"e.yaml:4:21", "model.width"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"grid value that is no list",
                                                 "path: geodesic",
                                                 "path: geodesic\ngrid: {model.width: 64}",
                                                 bad_input,
                                                 {"e.yaml:4:21", "model.width", "list"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"no seeds",
                                                 "path: geodesic",
                                                 "path: geodesic\nseeds: 0",
                                                 bad_input,
                                                 {"e.yaml:4:8", "seeds"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"negative seeds",
                                                 "path: geodesic",
                                                 "path: geodesic\nseeds: -1",
                                                 bad_input,
                                                 {"e.yaml:4:8", "seeds"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"fractional seeds",
                                                 "path: geodesic",
                                                 "path: geodesic\nseeds: 1.5",
                                                 bad_input,
                                                 {"e.yaml:4:8", "seeds"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"text for seeds",
                                                 "path: geodesic",
                                                 "path: geodesic\nseeds: some",
                                                 bad_input,
                                                 {"e.yaml:4:8", "seeds"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{"seed stated twice",
                                                 "path: geodesic",
                                                 "path: geodesic\nseeds: [1, 1]",
                                                 bad_input,
                                                 {"e.yaml:4:12", "twice"},
                                                 "",
                                                 {"--variant", "a"}},
                                         Mistake{
                                             "published metric that is not computed",
                                             "path: geodesic",
                                             "path: geodesic\npublished: [{method: M, metric: nnl, mean: 1, cite: X}]",
                                             bad_input,
                                             {"e.yaml:4:13", "did you mean \"nll\"?"},
                                             "",
                                             {}}),
                         name_of);

TEST_F(ProgramTest, AllProblemsOfAFileAreReportedTogether) {
  write("e.yaml", with("width: 8", "widht: 8, depht: 2") + "figure: map\n");
  const Outcome outcome = genmatch({"run", "e.yaml"});
  EXPECT_EQ(outcome.code, bad_input);
  for (const char* text : {"widht", "depht", "figure", "e.yaml:5:", "e.yaml:8:1"})
    EXPECT_THAT(outcome.err, HasSubstr(text));
}

TEST_F(ProgramTest, MissingExperimentFile) {
  const Outcome outcome = genmatch({"run", "nowhere.yaml"});
  EXPECT_EQ(outcome.code, bad_input);
  EXPECT_THAT(outcome.err, HasSubstr("nowhere.yaml"));
}

TEST_F(ProgramTest, UnknownCommandsKindsAndNames) {
  EXPECT_EQ(genmatch({"fly"}).code, bad_input);
  EXPECT_THAT(genmatch({"list", "manifolt"}).err, HasSubstr("did you mean \"manifold\"?"));
  EXPECT_THAT(genmatch({"describe", "spere"}).err, HasSubstr("did you mean \"sphere\"?"));
}

}  // namespace
}  // namespace genmatch
