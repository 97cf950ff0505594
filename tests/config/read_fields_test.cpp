#include <gmock/gmock.h>

#include <string>

#include "core/errors.h"
#include "tests/config/fake_catalog.h"

namespace genmatch {
namespace {

using fake::Options;
using fake::problems_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(ReadFields, ReadsEveryKindOfOption) {
  Options o;
  EXPECT_THAT(fake::read(R"(
name: all
dtype: float64
seed: 1e3
fraction: .25
limit: +7
note: "12"
shape: [4, 5, 6]
grid: [-1, 2.5e-3, 0]
columns: [a, 7]
schedule: {type: power, power: 3}
other: linear
schedules: [linear, {type: power, width: 9}]
weighted: [power, {type: power, power: 5, weight: 0.5}]
rows:
  - {method: RFM, spread: 0.1}
  - method: CNF
named: {left: {method: L}, right: {method: R}}
training: {steps: 5, rate: 0.5, clip: ~, shuffle: false, warmup: {type: chained, inner: {power: 4}}}
)",
                         o),
              IsEmpty());
  EXPECT_EQ(o.name, "all");
  EXPECT_EQ(o.dtype, "float64");
  EXPECT_EQ(o.seed, 1000);
  EXPECT_EQ(o.fraction, 0.25);
  EXPECT_EQ(o.limit, 7);
  EXPECT_EQ(o.note, "12");
  EXPECT_THAT(o.shape, ElementsAre(4, 5, 6));
  EXPECT_THAT(o.grid, ElementsAre(-1, 0.0025, 0));
  EXPECT_THAT(o.columns, ElementsAre("a", "7"));
  EXPECT_EQ(std::dynamic_pointer_cast<fake::Power>(o.schedule.make())->power, 3);
  EXPECT_EQ(o.other.name(), "linear");
  ASSERT_EQ(o.schedules.items.size(), 2u);
  EXPECT_EQ(o.schedules.items[1].name(), "power");
  ASSERT_EQ(o.weighted.items.size(), 2u);
  EXPECT_EQ(o.weighted.items[0].value.schedule.name(), "power");
  EXPECT_EQ(o.weighted.items[0].value.weight, 1);
  EXPECT_EQ(o.weighted.items[1].value.weight, 0.5);
  EXPECT_EQ(std::dynamic_pointer_cast<fake::Power>(o.weighted.items[1].value.schedule.make())->power, 5);
  ASSERT_EQ(o.rows.items.size(), 2u);
  EXPECT_EQ(o.rows.items[0].value.spread, 0.1);
  EXPECT_FALSE(o.rows.items[1].value.spread.has_value());
  ASSERT_EQ(o.named.items.size(), 2u);
  EXPECT_EQ(o.named.items[1].name, "right");
  EXPECT_EQ(o.named.items[1].mark.text(), "f.yaml:18:28");
  EXPECT_EQ(o.named.items[1].value.method, "R");
  EXPECT_EQ(o.training.steps, 5);
  EXPECT_FALSE(o.training.clip.has_value());
  EXPECT_FALSE(o.training.shuffle);
  const auto chained = std::dynamic_pointer_cast<fake::Chained>(o.training.warmup.make());
  ASSERT_NE(chained, nullptr);
  const auto inner = std::dynamic_pointer_cast<fake::Power>(chained->inner);
  ASSERT_NE(inner, nullptr) << "without a type the default stays";
  EXPECT_EQ(inner->power, 4);
}

TEST(ReadFields, WhatIsAbsentKeepsItsDefaultAndDefaultsCanBeBuilt) {
  Options o;
  EXPECT_THAT(fake::read("name: x\n", o), IsEmpty());
  EXPECT_EQ(o.fraction, 0.5);
  EXPECT_THAT(o.shape, ElementsAre(2, 3));
  EXPECT_EQ(o.training.clip, 1.5);
  EXPECT_FALSE(o.other);
  EXPECT_NE(o.schedule.make(), nullptr);
  EXPECT_NE(o.training.warmup.make(), nullptr);
  ASSERT_EQ(o.schedules.items.size(), 1u);
  EXPECT_NE(o.schedules.items[0].make(), nullptr);
  ASSERT_EQ(o.weighted.items.size(), 1u);
  EXPECT_NE(o.weighted.items[0].value.schedule.make(), nullptr);
  EXPECT_THROW(o.other.make(), ContractError);
}

TEST(ReadFields, AListOfOneMayBeWrittenBare) {
  Options o;
  EXPECT_THAT(fake::read("{name: x, shape: 9, grid: 0.5, columns: lat, schedules: linear, weighted: power, "
                         "rows: {method: m}}",
                         o),
              IsEmpty());
  EXPECT_THAT(o.shape, ElementsAre(9));
  EXPECT_THAT(o.grid, ElementsAre(0.5));
  EXPECT_THAT(o.columns, ElementsAre("lat"));
  ASSERT_EQ(o.schedules.items.size(), 1u);
  EXPECT_EQ(o.schedules.items[0].name(), "linear");
  ASSERT_EQ(o.weighted.items.size(), 1u);
  EXPECT_EQ(o.weighted.items[0].value.schedule.name(), "power");
  ASSERT_EQ(o.rows.items.size(), 1u);
  EXPECT_EQ(o.rows.items[0].value.method, "m");
}

TEST(ReadFields, AMapOfOptionsWithoutTypeConfiguresTheDefault) {
  Options o;
  EXPECT_THAT(fake::read("{name: x, weighted: {weight: 2}, training: {warmup: {power: 7}}}", o), IsEmpty());
  EXPECT_EQ(o.weighted.items[0].value.schedule.name(), "linear");
  EXPECT_EQ(o.weighted.items[0].value.weight, 2);
  EXPECT_EQ(std::dynamic_pointer_cast<fake::Power>(o.training.warmup.make())->power, 7);
}

struct Mistake {
  const char* text;  ///< appended to "name: x\n", so it begins in line 2
  const char* problem;
};

void expect_each_is_one_problem(const std::vector<Mistake>& mistakes) {
  for (const Mistake& m : mistakes)
    EXPECT_THAT(problems_of(std::string("name: x\n") + m.text), ElementsAre(m.problem)) << m.text;
}

TEST(ReadFields, WrongTypes) {
  expect_each_is_one_problem(
      {{"seed: abc", "f.yaml:2:7: seed: expected a whole number, got \"abc\""},
       {"seed: 1.5", "f.yaml:2:7: seed: expected a whole number, got \"1.5\""},
       {"seed: \"5\"", "f.yaml:2:7: seed: expected a whole number, got \"5\" in quotes, which is text"},
       {"seed: 5 000", "f.yaml:2:7: seed: expected a whole number, got \"5 000\""},
       {"seed: 0x10", "f.yaml:2:7: seed: expected a whole number, got \"0x10\""},
       {"seed: [1]", "f.yaml:2:7: seed: expected a whole number, got a list"},
       {"seed: {a: 1}", "f.yaml:2:7: seed: expected a whole number, got a map"},
       {"seed: true", "f.yaml:2:7: seed: expected a whole number, got \"true\""},
       {"seed: +-3", "f.yaml:2:7: seed: expected a whole number, got \"+-3\""},
       {"seed: 99999999999999999999", "f.yaml:2:7: seed: 99999999999999999999 does not fit into 64 bits"},
       {"seed: 1e17", "f.yaml:2:7: seed: 1e17 is too large; write it without an exponent"},
       {"fraction: half", "f.yaml:2:11: fraction: expected a number, got \"half\""},
       {"fraction: 0.5.1", "f.yaml:2:11: fraction: expected a number, got \"0.5.1\""},
       {"fraction: 0,5", "f.yaml:2:11: fraction: expected a number, got \"0,5\""},
       {"fraction: \"\"", "f.yaml:2:11: fraction: expected a number, got \"\" in quotes, which is text"},
       {"fraction: .nan", "f.yaml:2:11: fraction: must be a finite number, got .nan"},
       {"fraction: nan", "f.yaml:2:11: fraction: must be a finite number, got nan"},
       {"fraction: -.inf", "f.yaml:2:11: fraction: must be a finite number, got -.inf"},
       {"fraction: inf", "f.yaml:2:11: fraction: must be a finite number, got inf"},
       {"fraction: 1e999", "f.yaml:2:11: fraction: 1e999 is too large or too small for a double"},
       {"dtype: [float32]", "f.yaml:2:8: dtype: expected text, got a list"},
       {"training: {shuffle: yes}", "f.yaml:2:21: training.shuffle: expected true or false, got \"yes\""},
       {"training: {shuffle: 1}", "f.yaml:2:21: training.shuffle: expected true or false, got \"1\""},
       {"training: fast", "f.yaml:2:11: training: expected a map of options, got \"fast\""},
       {"training: [1]", "f.yaml:2:11: training: expected a map of options, got a list"},
       {"shape: [1, two]", "f.yaml:2:12: shape.1: expected a whole number, got \"two\""},
       {"shape: [1, [2]]", "f.yaml:2:12: shape.1: expected a whole number, got a list"},
       {"schedule: [linear]", "f.yaml:2:11: schedule: expected a name or a map with `type`, got a list"},
       {"schedule: {type: [linear]}", "f.yaml:2:18: schedule.type: expected the name of a schedule, got a list"},
       {"named: [{method: m}]", "f.yaml:2:8: named: expected a map from names to options, got a list"},
       {"rows: [m]", "f.yaml:2:8: rows.0: expected a map of options, got \"m\""},
       {"weighted: [[linear]]", "f.yaml:2:12: weighted.0: expected a map of options, got a list"}});
}

TEST(ReadFields, OutOfRange) {
  expect_each_is_one_problem(
      {{"fraction: 1.5", "f.yaml:2:11: fraction: must be in [0, 1), got 1.5"},
       {"fraction: 1", "f.yaml:2:11: fraction: must be in [0, 1), got 1"},
       {"seed: -1", "f.yaml:2:7: seed: must be >= 0, got -1"},
       {"limit: 0", "f.yaml:2:8: limit: must be >= 1, got 0"},
       {"training: {rate: 0}", "f.yaml:2:18: training.rate: must be in (0, 1), got 0"},
       {"shape: [3, 0]", "f.yaml:2:12: shape.1: must be >= 1, got 0"},
       {"dtype: float46",
        "f.yaml:2:8: dtype: must be one of: float32, float64; got \"float46\"; did you mean "
        "\"float64\"?"},
       {"dtype: half", "f.yaml:2:8: dtype: must be one of: float32, float64; got \"half\""},
       {"grid: []", "f.yaml:2:7: grid: must have at least 1 entry, got 0"},
       {"schedules: []", "f.yaml:2:12: schedules: must have at least 1 entry, got 0"},
       {"weighted: []", "f.yaml:2:11: weighted: must have at least 1 entry, got 0"},
       {"weighted: [{weight: -1}]", "f.yaml:2:21: weighted.0.weight: must be >= 0, got -1"},
       {"schedule: {type: power, power: 0}", "f.yaml:2:32: schedule.power: must be > 0, got 0"}});
}

TEST(ReadFields, KeysWithNothingAfterThem) {
  expect_each_is_one_problem({{"seed:", "f.yaml:2:1: seed: has no value"},
                              {"dtype:", "f.yaml:2:1: dtype: has no value"},
                              {"shape:", "f.yaml:2:1: shape: has no value"},
                              {"shape: [1, ~]", "f.yaml:2:8: shape.1: has no value"},
                              {"training:", "f.yaml:2:1: training: has no value"},
                              {"schedule:", "f.yaml:2:1: schedule: has no value"},
                              {"schedule: {type: }", "f.yaml:2:12: schedule.type: has no value"},
                              {"schedules:", "f.yaml:2:1: schedules: has no value; an empty list is written []"},
                              {"rows:", "f.yaml:2:1: rows: has no value; an empty list is written []"},
                              {"rows: [~]", "f.yaml:2:7: rows.0: has no value"},
                              {"named:", "f.yaml:2:1: named: has no value"},
                              {"named: {a: }", "f.yaml:2:9: named.a: has no value"},
                              {"weighted: [~]", "f.yaml:2:11: weighted.0: has no value"}});
}

TEST(ReadFields, MissingKeys) {
  expect_each_is_one_problem(
      {{"rows: [{spread: 1}]", "f.yaml:2:8: rows.0.method: is missing (its name)"},
       {"named: {a: {spread: 1}}", "f.yaml:2:12: named.a.method: is missing (its name)"},
       {"schedule: table", "f.yaml:2:11: schedule.file: is missing (a table of values)"},
       {"other: {power: 1}",
        "f.yaml:2:8: other.type: is missing (which schedule; one of: linear, power, chained, table)"}});
}

TEST(ReadFields, UnknownKeysAndComponents) {
  expect_each_is_one_problem(
      {{"fracton: 1", "f.yaml:2:1: unknown option \"fracton\"; did you mean \"fraction\"?"},
       {"training: {stepz: 1}", "f.yaml:2:12: unknown option \"stepz\" of training; did you mean \"steps\"?"},
       {"warmup: linear", "f.yaml:2:1: unknown option \"warmup\"; did you mean \"training.warmup\"?"},
       {"training: {dtype: float64}",
        "f.yaml:2:12: unknown option \"dtype\" of training; did you mean \"dtype\" at the top of the file?"},
       {"training: {colour: red}",
        "f.yaml:2:12: unknown option \"colour\" of training; the options are: "
        "steps, rate, clip, shuffle, warmup"},
       {"schedule: {type: power, widht: 3}",
        "f.yaml:2:25: unknown option \"widht\" of schedule power; did you mean \"width\"?"},
       {"schedule: {type: linear, zzz: 3}",
        "f.yaml:2:26: unknown option \"zzz\" of schedule linear; it has no options"},
       {"weighted: [{type: power, wieght: 3}]",
        "f.yaml:2:26: unknown option \"wieght\" of schedule power; did you mean \"weight\"?"},
       {"rows: [{method: m, colour: 1}]",
        "f.yaml:2:20: unknown option \"colour\" of rows.0; the options are: method, spread"},
       {"schedule: lineal",
        "f.yaml:2:11: schedule: unknown schedule \"lineal\"; one of: linear, power, "
        "chained, table; did you mean \"linear\"?"},
       {"schedule: {type: zzz, any: 1}",
        "f.yaml:2:18: schedule: unknown schedule \"zzz\"; one of: linear, power, chained, table"},
       {"weighted: [linear, {type: powr, any: 1}]",
        "f.yaml:2:27: weighted.1: unknown schedule \"powr\"; one of: linear, power, chained, table; "
        "did you mean \"power\"?"},
       {"schedules: [lin]",
        "f.yaml:2:13: schedules.0: unknown schedule \"lin\"; one of: linear, power, "
        "chained, table"}});
}

TEST(ReadFields, AllProblemsAreReportedTogether) {
  EXPECT_THAT(
      problems_of("sed: 3\n"
                  "fraction: 2\n"
                  "schedule: {type: power, power: x, wide: 1}\n"
                  "training:\n"
                  "  steps: 0\n"
                  "  rate: fast\n"),
      ElementsAre("f.yaml:1:1: name: is missing (what it is called)", "f.yaml:2:11: fraction: must be in [0, 1), got 2",
                  "f.yaml:3:32: schedule.power: expected a number, got \"x\"",
                  "f.yaml:3:35: unknown option \"wide\" of schedule power; did you mean \"width\"?",
                  "f.yaml:5:10: training.steps: must be >= 1, got 0",
                  "f.yaml:6:9: training.rate: expected a number, got \"fast\"",
                  "f.yaml:1:1: unknown option \"sed\"; did you mean \"seed\"?"));
}

TEST(ReadFields, AValueThatIsRefusedDoesNotReplaceTheDefault) {
  Options o;
  EXPECT_THAT(fake::read("{name: x, seed: -4, shape: [7, x], limit: 0, fraction: 9}", o), testing::SizeIs(4));
  EXPECT_EQ(o.seed, 0);
  EXPECT_THAT(o.shape, ElementsAre(2, 3));
  EXPECT_FALSE(o.limit.has_value());
  EXPECT_EQ(o.fraction, 0.5);
}

TEST(ReadFields, AnEmptyFileLacksWhatIsRequired) {
  EXPECT_THAT(problems_of(""), ElementsAre("f.yaml:1:1: name: is missing (what it is called)"));
  EXPECT_THAT(problems_of("[1, 2]"), ElementsAre("f.yaml:1:1: expected a map of options, got a list"));
  EXPECT_THAT(problems_of("word"), ElementsAre("f.yaml:1:1: expected a map of options, got \"word\""));
}

TEST(ReadFields, LongValuesAreCutShort) {
  const auto problems = problems_of("{name: x, seed: " + std::string(5000, 'z') + "}");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_LT(problems[0].size(), 150u);
}

TEST(ReadFields, ADefaultThatIsNotRegisteredIsAProblem) {
  struct Lacking {
    ScheduleChoice schedule{"vanished"};
    void fields(Fields& f) { f("schedule", schedule, "how time runs"); }
  } lacking;
  Problems problems;
  read_fields(
      Node::map({"f.yaml", 1, 1}), [&](Fields& f) { lacking.fields(f); }, Catalog{}, problems);
  EXPECT_THAT(problems.lines(), ElementsAre("f.yaml:1:1: schedule: unknown schedule \"vanished\"; there are none"));
}

std::string build_error(const std::string& text) {
  Options o;
  EXPECT_THAT(fake::read(text, o), IsEmpty());
  try {
    o.schedule.make();
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "";
}

TEST(Choice, AnErrorOnBuildingPointsToTheOption) {
  EXPECT_EQ(build_error("name: x\nschedule: {type: power, power: 13}\n"), "f.yaml:2:32: power.power: is unlucky");
  EXPECT_EQ(build_error("name: x\nschedule: {type: power, power: 17}\n"), "f.yaml:2:11: power: does not fit");
  EXPECT_EQ(build_error("name: x\nschedule: {type: power, power: 12}\n"), "");
}

TEST(Choice, KnowsWhereItWasWritten) {
  Options o;
  EXPECT_THAT(fake::read("name: x\nschedule: power\nweighted:\n  - power\n  - {weight: 2}\n", o), IsEmpty());
  EXPECT_EQ(o.schedule.mark.text(), "f.yaml:2:11");
  EXPECT_EQ(o.weighted.items[0].value.schedule.mark.text(), "f.yaml:4:5");
  EXPECT_EQ(o.weighted.items[1].value.schedule.mark.text(), "f.yaml:5:5");
  EXPECT_EQ(o.training.warmup.mark.text(), "f.yaml:1:1") << "a default stands where it could have been written";
}

TEST(Choice, ACopyHasItsOwnOptions) {
  Options o;
  EXPECT_THAT(fake::read("{name: x, schedule: {type: power, power: 3}}", o), IsEmpty());
  const ScheduleChoice copy = o.schedule;
  EXPECT_THAT(fake::read("{name: x, schedule: {power: 5}}", o), IsEmpty());
  EXPECT_EQ(std::dynamic_pointer_cast<fake::Power>(copy.make())->power, 3);
  EXPECT_EQ(std::dynamic_pointer_cast<fake::Power>(o.schedule.make())->power, 5);
}

TEST(Constraint, JoinsToTheNarrower) {
  EXPECT_EQ(text(at_least(0) & below(1)), "in [0, 1)");
  EXPECT_EQ(text(above(0) & at_least(0)), "> 0");
  EXPECT_EQ(text(at_least(2) & above(1)), ">= 2");
  EXPECT_EQ(text(between(0, 1) & between(0.5, 3)), "in [0.5, 1]");
  EXPECT_EQ(text(below(1) & between(-1, 1)), "in [-1, 1)");
  EXPECT_EQ(text(one_of({"a", "b", "c"}) & one_of({"c", "b", "d"})), "one of: b, c");
  EXPECT_EQ(text(not_empty() & above(0)), "> 0; not empty");
  EXPECT_EQ(text(required), "");
  EXPECT_TRUE((required & above(0)).required);
  EXPECT_TRUE((above(0) & required).required);
  EXPECT_EQ(text(Constraint{}), "");
}

}  // namespace
}  // namespace genmatch
