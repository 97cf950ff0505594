#include "experiments/store/run_key.h"

#include <gmock/gmock.h>

namespace genmatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kResolved =
    "name: n\nabout: a\nspace: {type: sphere, dim: 2}\nmodel: {type: mlp, width: 8}\n"
    "training: {steps: 5, select: nll}\nsampling: {samples: 9}\nmetrics: [{type: nll}]\nbaselines: []\nfigures: []\n"
    "published: []\nseed: 3\n";

Node resolved(const std::string& line = "", const std::string& replacement = "") {
  std::string text = kResolved;
  if (!line.empty()) text.replace(text.find(line), line.size(), replacement);
  Problems problems;
  Node root = parse_yaml(text, "r.yaml", problems);
  EXPECT_THAT(problems.lines(), IsEmpty());
  return root;
}

struct Changes {
  bool training, run;
};
bool operator==(const Changes& a, const Changes& b) { return a.training == b.training && a.run == b.run; }
void PrintTo(const Changes& c, std::ostream* out) { *out << "training " << c.training << ", run " << c.run; }

Changes changed(const Node& a, const Node& b) {
  const RunKeys x = run_keys(a, "data", "1"), y = run_keys(b, "data", "1");
  return {x.training != y.training, x.run != y.run};
}

constexpr Changes kNothing{false, false}, kOnlyTheRun{false, true}, kBoth{true, true};

TEST(RunKeys, AreSixteenHexadecimalDigitsAndDiffer) {
  const RunKeys keys = run_keys(resolved(), "data", "1");
  for (const std::string& key : {keys.training, keys.run}) {
    EXPECT_EQ(key.size(), 16u);
    EXPECT_EQ(key.find_first_not_of("0123456789abcdef"), std::string::npos) << key;
  }
}

TEST(RunKeys, WhatPeopleReadChangesNothing) {
  EXPECT_EQ(changed(resolved(), resolved("name: n", "name: other")), kNothing);
  EXPECT_EQ(changed(resolved(), resolved("about: a", "about: b")), kNothing);
  EXPECT_EQ(changed(resolved(), resolved("published: []", "published: [{method: x}]")), kNothing);
  EXPECT_EQ(changed(resolved(), resolved("name: n", "name: n\nvariants: {a: {}}\ngrid: {x: [1]}\nseeds: 4")), kNothing);
}

TEST(RunKeys, OnlyModelCouplingAndWhatIsMeasuredLeaveTheRowsAsTheyAre) {
  const auto rows = [](const Node& node) { return run_keys(node, "data", "1").rows; };
  const std::string base = rows(resolved());
  for (const auto& [line, other] : std::vector<std::pair<std::string, std::string>>{
           {"width: 8", "width: 9"}, {"samples: 9", "samples: 8"}, {"figures: []", "figures: []\ncoupling: other"}})
    EXPECT_EQ(rows(resolved(line, other)), base) << other;
  for (const auto& [line, other] : std::vector<std::pair<std::string, std::string>>{
           {"dim: 2", "dim: 3"}, {"seed: 3", "seed: 4"}, {"figures: []", "figures: []\ndata: other"}})
    EXPECT_NE(rows(resolved(line, other)), base) << other;
  EXPECT_NE(run_keys(resolved(), "other", "1").rows, base);
}

TEST(RunKeys, WhatIsMeasuredChangesOnlyTheRun) {
  EXPECT_EQ(changed(resolved(), resolved("metrics: [{type: nll}]", "metrics: []")), kOnlyTheRun);
  EXPECT_EQ(changed(resolved(), resolved("baselines: []", "baselines: [kde]")), kOnlyTheRun);
  EXPECT_EQ(changed(resolved(), resolved("figures: []", "figures: [map]")), kOnlyTheRun);
}

TEST(RunKeys, WhatDecidesTheWeightsChangesBoth) {
  EXPECT_EQ(changed(resolved(), resolved("width: 8", "width: 9")), kBoth);
  EXPECT_EQ(changed(resolved(), resolved("seed: 3", "seed: 4")), kBoth);
  EXPECT_EQ(changed(resolved(), resolved("steps: 5", "steps: 6")), kBoth);
  for (const RunKeys& other : {run_keys(resolved(), "other", "1"), run_keys(resolved(), "data", "2")}) {
    EXPECT_NE(run_keys(resolved(), "data", "1").training, other.training);
    EXPECT_NE(run_keys(resolved(), "data", "1").run, other.run);
  }
}

TEST(RunKeys, OfSamplingOnlyLikelihoodsDecideTheWeightsIfTheyAreSelectedByThem) {
  EXPECT_EQ(changed(resolved(), resolved("samples: 9", "samples: 8")), kOnlyTheRun);
  const auto with = [](Node node, const char* stepper) {
    node.find("sampling")->set("likelihood_stepper", Node::scalar(stepper));
    return node;
  };
  EXPECT_EQ(changed(with(resolved(), "heun"), with(resolved(), "rk4")), kBoth);
  const Node loss = resolved("select: nll", "select: loss");
  EXPECT_EQ(changed(with(loss, "heun"), with(loss, "rk4")), kOnlyTheRun);
}

TEST(RunKeys, AreThoseOfTheFileReadBack) {
  Problems problems;
  Node root = resolved("about: a", "about: 'a: \"b\" #c'");
  EXPECT_EQ(changed(root, parse_yaml(to_yaml(root), "", problems)), kNothing);
}

TEST(TrainingDifferences, NameTheKeys) {
  EXPECT_THAT(training_differences(resolved(), resolved()), IsEmpty());
  EXPECT_THAT(training_differences(resolved(), resolved("width: 8", "width: 9, depth: 2")),
              ElementsAre("model.width", "model.depth"));
  EXPECT_THAT(training_differences(resolved(), resolved("metrics: [{type: nll}]", "metrics: []")), IsEmpty());
  EXPECT_THAT(training_differences(resolved(), resolved("seed: 3\n", "")), ElementsAre("seed"));
}

}  // namespace
}  // namespace genmatch
