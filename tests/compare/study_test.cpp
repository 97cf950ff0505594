// What a file asks to be compared, and every mistake in asking.
#include "experiments/compare/study.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/errors.h"
#include "tests/temporary_folder.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class StudyTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const { return folder_.write(name, text); }

  /// Reads six lines of a valid experiment and, from line 7 on, `text`.
  Study read(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    return read_study(write("e.yaml", kBase + text), overrides, full_catalog());
  }

  /// What is wrong, without the folder; "" if nothing is.
  std::string problems(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    try {
      read(text, overrides);
    } catch (const ConfigError& e) {
      return folder_.without(e.what());
    }
    return "";
  }

  static std::vector<std::string> names(const Study& study) {
    std::vector<std::string> all;
    for (const Variant& v : study.variants) all.push_back(v.name);
    return all;
  }

  static std::string resolved(ExperimentOptions options) { return resolved_yaml(options, full_catalog()); }

  const std::string kBase =
      "name: tiny\n"
      "space: sphere\n"
      "path: geodesic\n"
      "data: {type: csv, file: points.csv, columns: [lat, lon], format: latlon}\n"
      "model: {type: mlp, width: 8, depth: 2}\n"
      "training: {steps: 60, optimizer: {type: adam, rate: 5e-4}}\n";
  TemporaryFolder folder_;
};

std::size_t lines(const std::string& text) {
  return text.empty() ? 0 : static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
}

TEST_F(StudyTest, AFileThatVariesNothingIsItsOwnVariant) {
  const Study study = read("seed: 4\n");
  EXPECT_FALSE(study.varies());
  EXPECT_THAT(names(study), ElementsAre("tiny"));
  EXPECT_EQ(study.variants[0].slug, "tiny");
  EXPECT_THAT(study.seeds, ElementsAre(4u));
}

TEST_F(StudyTest, VariantsMergeDottedAndNestedKeysAlike) {
  const Study study = read(
      "variants:\n"
      "  narrow: {}\n"
      "  dotted: {model.width: 16, training.optimizer: {rate: 1e-2}}\n"
      "  nested: {model: {width: 16}, training: {optimizer: {rate: 1e-2}, batch: 64}}\n"
      "  other: {training.optimizer: adamw}\n");
  EXPECT_TRUE(study.varies());
  EXPECT_THAT(names(study), ElementsAre("narrow", "dotted", "nested", "other"));
  EXPECT_EQ(resolved(study.variants[0].options), resolved(study.base));
  for (std::size_t i : {1u, 2u})
    EXPECT_THAT(resolved(study.variants[i].options),
                AllOf(HasSubstr("width: 16"), HasSubstr("depth: 2"), HasSubstr("steps: 60"), HasSubstr("type: adam\n"),
                      HasSubstr("rate: 0.01")));
  EXPECT_THAT(resolved(study.variants[3].options), AllOf(HasSubstr("type: adamw"), Not(HasSubstr("rate: 0.0005"))));
  EXPECT_EQ(study.variants[1].mark.line, 9);
}

TEST_F(StudyTest, AGridIsMultipliedOutInTheOrderWritten) {
  const Study study = read(
      "grid:\n"
      "  model.width: [64, 128]\n"
      "  path: [geodesic, {type: geodesic, schedule: cosine}]\n");
  EXPECT_THAT(names(study),
              ElementsAre("width=64, path=geodesic", "width=64, path={type: geodesic, schedule: cosine}",
                          "width=128, path=geodesic", "width=128, path={type: geodesic, schedule: cosine}"));
  EXPECT_EQ(study.variants[1].slug, "width=64-path=type-geodesic-schedule-cosine");
  EXPECT_THAT(resolved(study.variants[3].options), AllOf(HasSubstr("width: 128"), HasSubstr("cosine")));
}

TEST_F(StudyTest, VariantsTimesGrid) {
  const Study study = read(
      "variants: {narrow: {}, wide: {model.width: 256}}\n"
      "grid: {training.batch: [256, 512]}\n");
  EXPECT_THAT(names(study),
              ElementsAre("narrow, batch=256", "narrow, batch=512", "wide, batch=256", "wide, batch=512"));
  EXPECT_EQ(study.variants[3].slug, "wide-batch=512");
}

TEST_F(StudyTest, AKeyIsNamedInFullWhereItsLastComponentIsAmbiguous) {
  const Study study = read("grid: {training.batch: [16, 32], sampling.batch: [64], model.depth: [3]}\n");
  EXPECT_THAT(names(study), ElementsAre("training.batch=16, sampling.batch=64, depth=3",
                                        "training.batch=32, sampling.batch=64, depth=3"));
}

TEST_F(StudyTest, ValuesOfAGridMayHaveNames) {
  const Study study = read(
      "grid:\n"
      "  model: {small: {width: 64}, big: {width: 256, depth: 5}}\n"
      "  training.batch: {few: 16, many: 512}\n");
  EXPECT_THAT(names(study), ElementsAre("small, few", "small, many", "big, few", "big, many"));
  EXPECT_THAT(resolved(study.variants[3].options),
              AllOf(HasSubstr("width: 256"), HasSubstr("depth: 5"), HasSubstr("batch: 512")));
  EXPECT_THAT(problems("grid: {model: {}}\n"), HasSubstr("e.yaml:7:15: grid.model: expected a list of values"));
}

TEST_F(StudyTest, SlugsArePartsOfPathsAndDiffer) {
  const Study study = read(
      "variants: {\"../a b\": {model.width: 1}, a/b: {model.width: 2}, \"…\": {model.width: 3}, a-b: {model.width: "
      "4}, " +
      std::string(99, 'x') + ": {model.width: 5}}\n");
  std::set<std::string> slugs;
  for (const Variant& v : study.variants) {
    slugs.insert(v.slug);
    EXPECT_EQ(v.slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.="), std::string::npos) << v.slug;
    EXPECT_NE(v.slug.front(), '.');
    EXPECT_LE(v.slug.size(), 83u);
  }
  EXPECT_EQ(slugs.size(), 5u);
  EXPECT_EQ(find_variant(study, "a-b").options.model.name(), "mlp");
  EXPECT_EQ(&find_variant(study, "a-b"), &study.variants[3]);  // its name, though it is another's slug
  EXPECT_EQ(&find_variant(study, study.variants[2].slug), &study.variants[2]);
}

TEST_F(StudyTest, AnUnknownVariantIsAnError) {
  const Study study = read("variants: {narrow: {}, wide: {model.width: 256}}\n");
  const auto message = [&](const std::string& name) {
    try {
      find_variant(study, name);
    } catch (const ConfigError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(message("wied"), HasSubstr("did you mean \"wide\"?"));
  EXPECT_THAT(message("something"), HasSubstr("\"narrow\", \"wide\""));
}

TEST_F(StudyTest, Seeds) {
  EXPECT_THAT(read("seeds: 3\n").seeds, ElementsAre(0u, 1u, 2u));
  EXPECT_THAT(read("seed: 5\nseeds: 2\n").seeds, ElementsAre(5u, 6u));
  EXPECT_THAT(read("seeds: 2\n", {"seed=7"}).seeds, ElementsAre(7u, 8u));
  EXPECT_THAT(read("seeds: [0, 7, 5]\n").seeds, ElementsAre(0u, 7u, 5u));
  EXPECT_THAT(read("seeds: 2\n", {"seeds=[9]"}).seeds, ElementsAre(9u));
  EXPECT_THAT(problems("seeds: 0\n"), HasSubstr("e.yaml:7:8: seeds: must be in [1, 10000], got 0"));
  EXPECT_THAT(problems("seeds: -2\n"), HasSubstr("e.yaml:7:8: seeds: must be"));
  EXPECT_THAT(problems("seeds: 2.5\n"), HasSubstr("e.yaml:7:8: seeds: expected a whole number, got \"2.5\""));
  EXPECT_THAT(problems("seeds: many\n"), HasSubstr("e.yaml:7:8: seeds: expected a whole number, got \"many\""));
  EXPECT_THAT(problems("seeds: 1000000000\n"), HasSubstr("e.yaml:7:8: seeds: must be"));
  EXPECT_THAT(problems("seeds:\n"), HasSubstr("e.yaml:7:1: seeds: has no value"));
  EXPECT_THAT(problems("seeds: []\n"), HasSubstr("e.yaml:7:8: seeds: must have at least 1 entry"));
  EXPECT_THAT(problems("seeds: [0, -1]\n"), HasSubstr("e.yaml:7:12: seeds.1: must be >= 0"));
  EXPECT_THAT(problems("seeds: [3, 4, 3]\n"), HasSubstr("e.yaml:7:15: seeds.2: 3 stands in the list twice"));
  EXPECT_THAT(problems("seed: 9223372036854775807\nseeds: 2\n"), HasSubstr("e.yaml:8:8: seeds: `seed` is too large"));
}

TEST_F(StudyTest, ShapesThatMakeNoSense) {
  EXPECT_THAT(problems("variants: {}\n"), HasSubstr("e.yaml:7:11: variants: is empty"));
  EXPECT_THAT(problems("variants: [a, b]\n"), HasSubstr("e.yaml:7:11: variants: expected a map like"));
  EXPECT_THAT(problems("variants:\n"), AllOf(HasSubstr("e.yaml:7:1: variants:"), HasSubstr("has no value")));
  EXPECT_THAT(problems("variants: {a: 5}\n"),
              HasSubstr("e.yaml:7:15: variants.a: expected a map of options, got \"5\""));
  EXPECT_THAT(problems("variants: {\"\": {}}\n"), HasSubstr("e.yaml:7:12: variants: a name must be"));
  EXPECT_THAT(problems("grid: {}\n"), HasSubstr("e.yaml:7:7: grid: is empty"));
  EXPECT_THAT(problems("grid: 5\n"), HasSubstr("e.yaml:7:7: grid: expected a map like"));
  EXPECT_THAT(problems("grid: {model.width: []}\n"),
              HasSubstr("e.yaml:7:21: grid.model.width: expected a list of values"));
  EXPECT_THAT(problems("grid: {model.width: 64}\n"),
              HasSubstr("e.yaml:7:21: grid.model.width: expected a list of values"));
  EXPECT_THAT(problems("grid: {model: {width: [64]}}\n"),
              AllOf(HasSubstr("e.yaml:7:15:"), HasSubstr("joined by dots")));
  EXPECT_THAT(problems("grid: {model..width: [64]}\n"), HasSubstr("e.yaml:7:8: expected keys joined by single dots"));
}

TEST_F(StudyTest, KeysThatCannotVary) {
  EXPECT_THAT(problems("variants: {a: {seed: 1}}\n"), AllOf(HasSubstr("e.yaml:7:16:"), HasSubstr("`seeds`")));
  for (const char* key : {"name", "published", "variants", "grid", "seeds", "include"})
    EXPECT_THAT(problems(std::string("grid: {") + key + ": [x]}\n"), AllOf(HasSubstr("e.yaml:7:8:"), HasSubstr(key)));
}

TEST_F(StudyTest, AMistakeInAnOverrideIsReportedThereAndOnce) {
  const std::string unknown = problems("variants: {a: {model.widht: 3}, b: {modle: {width: 3}}}\ngrid: {seed: [1]}\n");
  EXPECT_THAT(unknown, AllOf(HasSubstr("e.yaml:7:16: unknown option \"widht\" of model mlp; did you mean \"width\"?"),
                             HasSubstr("e.yaml:7:37: unknown option \"modle\"; did you mean \"model\"?"),
                             HasSubstr("variant \"a\"")));
  EXPECT_EQ(lines(unknown), 3u);
  const std::string grid = problems("grid: {model.widht: [1, 2], training.batch: [16, none]}\n");
  EXPECT_THAT(grid,
              AllOf(HasSubstr("e.yaml:7:8: unknown option \"widht\""), HasSubstr("e.yaml:7:50: training.batch:")));
  EXPECT_EQ(lines(grid), 2u);
}

TEST_F(StudyTest, AMistakeInTheFileIsReportedOnceNotPerVariant) {
  const std::string all = problems("figure: map\nvariants: {a: {}, b: {model.width: 3}, c: {model.width: 4}}\n");
  EXPECT_THAT(all, HasSubstr("e.yaml:7:1: unknown option \"figure\""));
  EXPECT_EQ(lines(all), 1u);
}

TEST_F(StudyTest, VariantsWithTheSameOptionsAreRefused) {
  EXPECT_THAT(problems("variants: {a: {}, b: {model.width: 8}}\n"),
              AllOf(HasSubstr("e.yaml:7:19:"), HasSubstr("\"b\""), HasSubstr("\"a\"")));
  EXPECT_THAT(problems("variants: {a: {}, b: {about: another word}}\n"), HasSubstr("same options"));
  EXPECT_THAT(problems("grid: {training.batch: [1000, 1e3], model.depth: [2, 3]}\n"),
              AllOf(HasSubstr("e.yaml:7:31:"), HasSubstr("batch=1e3, depth=2"), HasSubstr("batch=1000, depth=2")));
  EXPECT_EQ(lines(problems("grid: {training.batch: [1000, 1e3], model.depth: [2, 3]}\n")), 1u);
}

TEST_F(StudyTest, AHugeProductIsRefused) {
  std::string grid = "grid:\n";
  for (const char* key : {"model.width", "model.depth", "training.steps", "training.batch"}) {
    grid += std::string("  ") + key + ": [1";
    for (int i = 2; i <= 1000; ++i) grid += ", " + std::to_string(i);
    grid += "]\n";
  }
  EXPECT_THAT(problems(grid), AllOf(HasSubstr("e.yaml:8:3: grid:"), HasSubstr("more than 10000 variants")));
}

TEST_F(StudyTest, PublishedRowsNeedAMetricThatIsComputed) {
  const std::string row = "published: [{method: M, metric: nlll, mean: 1, cite: X}]\n";
  EXPECT_THAT(problems(row), AllOf(HasSubstr("e.yaml:7:13: published.metric"), HasSubstr("did you mean \"nll\"?")));
  EXPECT_EQ(lines(problems(row + "variants: {a: {}, b: {model.width: 3}}\n")), 1u);
  const std::string nll = "published: [{method: M, metric: nll, mean: 1, cite: X}]\n";
  EXPECT_EQ(problems(nll + "variants: {a: {metrics: []}, b: {}}\n"), "");
  EXPECT_EQ(problems(nll + "metrics: []\nvariants: {a: {metrics: nll}, b: {}}\n"), "");
  EXPECT_THAT(problems(nll + "metrics: []\nvariants: {a: {}, b: {model.width: 3}}\n"), HasSubstr("e.yaml:7:13:"));
  EXPECT_EQ(problems(nll, {"metrics=[]"}), "");
}

TEST_F(StudyTest, ThePublishedRowsOfOtherMetricsAreNotPartOfARun) {
  const Study study =
      read("published: [{method: M, metric: nll, mean: 1, cite: X}]\nvariants: {a: {metrics: []}, b: {}}\nseeds: 2\n");
  EXPECT_THAT(resolved(study.variants[0].options), Not(HasSubstr("method")));
  EXPECT_THAT(resolved(study.variants[1].options), HasSubstr("method: M"));
  for (const char* key : {"variants", "grid", "seeds"})
    EXPECT_THAT(resolved(study.base), Not(HasSubstr(std::string("\n") + key)));
}

TEST_F(StudyTest, IncludedVariantsAreMergedAndOverridesComeFirst) {
  write("base.yaml", kBase + "variants: {a: {}, b: {model.width: 3}}\nseeds: 2\n");
  const std::string file =
      write("own.yaml", "include: base.yaml\nvariants: {b: {model.depth: 5}, c: {model.width: 4}}\n");
  const Study study = read_study(file, {"model.depth=7", "model.width=9"}, full_catalog());
  EXPECT_THAT(names(study), ElementsAre("a", "b", "c"));
  EXPECT_THAT(resolved(study.variants[0].options), AllOf(HasSubstr("width: 9"), HasSubstr("depth: 7")));
  EXPECT_THAT(resolved(study.variants[1].options), AllOf(HasSubstr("width: 3"), HasSubstr("depth: 5")));
  EXPECT_EQ(study.seeds.size(), 2u);
}

}  // namespace
}  // namespace genmatch
