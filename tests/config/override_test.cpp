#include <gmock/gmock.h>

#include "tests/config/fake_catalog.h"

namespace genmatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Node parsed(const std::string& text) {
  Problems problems;
  Node root = parse_yaml(text, "f.yaml", problems);
  EXPECT_THAT(problems.lines(), IsEmpty());
  return root;
}

std::string overridden(const std::string& text, const std::string& assignment) {
  Node root = parsed(text);
  Problems problems;
  apply_override(root, assignment, problems);
  EXPECT_THAT(problems.lines(), IsEmpty()) << assignment;
  return to_yaml(root);
}

std::vector<std::string> problems_of(const std::string& text, const std::string& assignment) {
  Node root = parsed(text);
  const std::string before = to_yaml(root);
  Problems problems;
  apply_override(root, assignment, problems);
  return problems.lines();
}

TEST(Override, SetsAndAdds) {
  EXPECT_EQ(overridden("a: 1\nb: 2\n", "a=5"), "a: 5\nb: 2\n");
  EXPECT_EQ(overridden("a: 1\n", "b=5"), "a: 1\nb: 5\n");
  EXPECT_EQ(overridden("a: {b: {c: 1}, d: 2}\n", "a.b.c=5"), "a: {b: {c: 5}, d: 2}\n");
  EXPECT_EQ(overridden("a: 1\n", "x.y.z=5"), "a: 1\nx: {y: {z: 5}}\n");
  EXPECT_EQ(overridden("", "a=5"), "a: 5\n");
  EXPECT_EQ(overridden("a:\n", "a.b=5"), "a: {b: 5}\n");
}

TEST(Override, TheValueIsYaml) {
  EXPECT_EQ(overridden("a: 1\n", "a=[1, {b: c}]"), "a: [1, {b: c}]\n");
  EXPECT_EQ(overridden("a: 1\n", "a={type: mlp}"), "a: {type: mlp}\n");
  EXPECT_EQ(overridden("a: 1\n", "a=\"5\""), "a: \"5\"\n");
  EXPECT_EQ(overridden("a: 1\n", "a="), "a: null\n");
  EXPECT_EQ(overridden("a: 1\n", "a=x=y"), "a: \"x=y\"\n");
}

TEST(Override, AListItemIsNamedByItsIndex) {
  EXPECT_EQ(overridden("a: [1, 2, 3]\n", "a.1=5"), "a: [1, 5, 3]\n");
  EXPECT_EQ(overridden("a: [{w: 1}, flow]\n", "a.0.w=5"), "a: [{w: 5}, flow]\n");
  EXPECT_EQ(overridden("a: [{w: 1}, flow]\n", "a.1.w=5"), "a: [{w: 1}, {type: flow, w: 5}]\n");
}

TEST(Override, AShortFormBecomesAMap) {
  EXPECT_EQ(overridden("path: geodesic\n", "path.schedule=cosine"), "path: {type: geodesic, schedule: cosine}\n");
  EXPECT_EQ(overridden("path: geodesic\n", "path.schedule.power=3"), "path: {type: geodesic, schedule: {power: 3}}\n");
  EXPECT_EQ(overridden("path: geodesic\n", "path.type=linear"), "path: {type: linear}\n");
}

std::string merged(const std::string& text, const std::string& key, const std::string& own) {
  Node root = parsed(text);
  Problems problems;
  merge_at(root, key, Mark{"f.yaml", 7, 3}, parsed(own), problems);
  return problems.empty() ? to_yaml(root) : problems.lines().front();
}

TEST(MergeAt, MergesMapsAndReplacesTheRest) {
  EXPECT_EQ(merged("a: {b: {c: 1, d: 2}}\n", "a.b", "{c: 5}"), "a: {b: {c: 5, d: 2}}\n");
  EXPECT_EQ(merged("a: {b: [1, 2]}\n", "a.b", "[3]"), "a: {b: [3]}\n");
  EXPECT_EQ(merged("a: {type: x, w: 1}\n", "a", "{type: y}"), "a: {type: y}\n");
  EXPECT_EQ(merged("a: x\n", "a", "{w: 1}"), "a: {type: x, w: 1}\n");
  EXPECT_EQ(merged("a: 1\n", "b.c", "{d: 2}"), "a: 1\nb: {c: {d: 2}}\n");
  EXPECT_EQ(merged("a: [{w: 1}, y]\n", "a.1", "{w: 2}"), "a: [{w: 1}, {type: y, w: 2}]\n");
}

TEST(MergeAt, MistakesPointToTheKey) {
  EXPECT_THAT(merged("a: 1\n", "a..b", "2"), HasSubstr("f.yaml:7:3: expected keys joined by single dots"));
  EXPECT_THAT(merged("a: [1]\n", "a.4", "2"), HasSubstr("f.yaml:7:3: \"4\" is no item of this list"));
}

TEST(Override, MistakesAreProblems) {
  EXPECT_THAT(problems_of("a: 1\n", "a"), ElementsAre("--set: expected KEY=VALUE, e.g. model.width=128, got \"a\""));
  EXPECT_THAT(problems_of("a: 1\n", ""), ElementsAre(HasSubstr("--set: expected KEY=VALUE")));
  EXPECT_THAT(problems_of("a: 1\n", "=5"), ElementsAre(HasSubstr("--set: expected KEY=VALUE")));
  EXPECT_THAT(problems_of("a: 1\n", "a..b=5"),
              ElementsAre("--set a..b: expected keys joined by single dots, e.g. model.width"));
  EXPECT_THAT(problems_of("a: 1\n", ".a=5"), ElementsAre(HasSubstr("--set .a: expected keys")));
  EXPECT_THAT(problems_of("a: 1\n", "a.=5"), ElementsAre(HasSubstr("--set a.: expected keys")));
  EXPECT_THAT(problems_of("a: [1, 2]\n", "a.2=5"), ElementsAre("--set a.2: \"2\" is no item of this list, which has 2; "
                                                               "items are named by their index, from 0"));
  EXPECT_THAT(problems_of("a: [1, 2]\n", "a.x.y=5"), ElementsAre(HasSubstr("\"x\" is no item of this list")));
  EXPECT_THAT(problems_of("a: [1, 2]\n", "a.-1=5"), ElementsAre(HasSubstr("\"-1\" is no item of this list")));
  EXPECT_THAT(problems_of("a: 1\n", "a=[1"),
              ElementsAre(HasSubstr("--set a:1:1: a key must be text, got a list (or a bracket")));
  EXPECT_THAT(problems_of("a: 1\n", std::string(5000, '.') + "=1"), ElementsAre(HasSubstr("is nested too deeply")));
}

TEST(Override, AMistakeChangesNothing) {
  Node root = parsed("a: flow\nlist: [1]\n");
  Problems problems;
  for (const char* wrong : {"a.b..c=1", "list.4=1", "new.x..y=1", "a=[1"}) apply_override(root, wrong, problems);
  EXPECT_EQ(problems.lines().size(), 4u);
  EXPECT_EQ(to_yaml(root), "a: flow\nlist: [1]\n");
}

TEST(Override, ProblemsOfTheReaderPointToTheCommandLine) {
  Node root = parsed("name: x\ntraining: {steps: 5}\nschedule: power\n");
  Problems problems;
  for (const char* assignment : {"training.rate=2", "training.stpes=3", "schedule.widht=7", "seed=\"1\"",
                                 "weighted=[{type: power, wight: 1}]", "dtype="})
    apply_override(root, assignment, problems);
  ASSERT_TRUE(problems.empty());
  fake::Options options;
  read_fields(
      root, [&](Fields& f) { options.fields(f); }, fake::catalog(), problems);
  EXPECT_THAT(problems.lines(),
              ElementsAre("--set dtype: dtype: has no value",
                          "--set seed: seed: expected a whole number, got \"1\" in quotes, which is text",
                          "--set schedule.widht: unknown option \"widht\" of schedule power; did you mean \"width\"?",
                          "--set weighted: unknown option \"wight\" of schedule power; did you mean \"weight\"?",
                          "--set training.rate: training.rate: must be in (0, 1), got 2",
                          "--set training.stpes: unknown option \"stpes\" of training; did you mean \"steps\"?"));
}

}  // namespace
}  // namespace genmatch
