// The table for programs: CSV and JSON, read back.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/compare/results.h"

namespace genmatch {
namespace {

using nlohmann::json;
using testing::ElementsAre;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
using Rows = std::vector<std::vector<std::string>>;

// RFC 4180, character by character.
Rows parse_csv(const std::string& text) {
  Rows rows{{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      rows.back().back() += text[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (quoted || (c != ',' && c != '\n'))
      rows.back().back() += c;
    else if (c == ',')
      rows.back().emplace_back();
    else
      rows.push_back({""});
  }
  rows.pop_back();
  return rows;
}

Comparison example() {
  VariantResults wide = with_baseline(variant("wide, \"x\"\nnew|line", {1.0 / 3, 0.1}), "kde", {0.7, 0.7});
  for (Result& r : wide.runs) r.metrics["mmd"] = {nan, nan, 0};
  return compare_results({wide, variant("none", {})},
                         published({{"RFM", "nll", "Chen, Lipman", -7.93, {}, "quoted", "a \"big\" net"}}),
                         {{"mmd", Better::higher}});
}

TEST(FormatCsv, ReadsBack) {
  const Rows rows = parse_csv(format_comparison(example(), "csv"));
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_THAT(rows[0], ElementsAre("label", "kind", "metric", "mean", "sd", "n", "seconds", "peak_mb", "cite",
                                   "verified", "protocol"));
  const std::string label = "wide, \"x\"\nnew|line";
  EXPECT_THAT(rows[1], ElementsAre(label, "variant", "mmd", "", "", "0", "90", "250", "", "", ""));
  ASSERT_EQ(rows[2].size(), 11U);
  EXPECT_EQ(rows[2][2], "nll");
  EXPECT_EQ(std::stod(rows[2][3]), (1.0 / 3 + 0.1) / 2);  // every bit
  EXPECT_NEAR(std::stod(rows[2][4]), (1.0 / 3 - 0.1) / std::sqrt(2), 1e-15);
  EXPECT_THAT(rows[3], ElementsAre("none", "variant", "mmd", "", "", "0", "", "", "", "", ""));
  EXPECT_THAT(rows[4], ElementsAre("none", "variant", "nll", "", "", "0", "", "", "", "", ""));
  EXPECT_THAT(rows[5], ElementsAre("kde", "baseline", "nll", "0.7", "0", "2", "", "", "", "", ""));
  EXPECT_THAT(rows[6], ElementsAre("RFM", "published", "nll", "-7.93", "", "0", "", "", "Chen, Lipman", "quoted",
                                   "a \"big\" net"));
}

TEST(FormatCsv, AVariantWithoutAnyMetricHasALine) {
  const Rows rows = parse_csv(format_comparison(compare_results({variant("none", {})}, {}, {}), "csv"));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[1], ElementsAre("none", "variant", "", "", "", "0", "", "", "", "", ""));
}

TEST(FormatJson, ReadsBack) {
  const json j = json::parse(format_comparison(example(), "json"));
  EXPECT_EQ(j["metrics"], json({"mmd", "nll"}));
  ASSERT_EQ(j["rows"].size(), 4U);
  const json& wide = j["rows"][0];
  EXPECT_EQ(wide["label"], "wide, \"x\"\nnew|line");
  EXPECT_EQ(wide["kind"], "variant");
  EXPECT_EQ(wide["metrics"]["nll"]["by_seed"]["0"].get<double>(), 1.0 / 3);
  EXPECT_EQ(wide["metrics"]["mmd"],
            json({{"mean", nullptr}, {"sd", nullptr}, {"n", 0}, {"by_seed", {{"0", nullptr}, {"1", nullptr}}}}));
  EXPECT_EQ(wide["seconds"]["mean"], 90);
  EXPECT_EQ(wide["peak_mb"]["n"], 2);
  EXPECT_EQ(j["rows"][1]["metrics"], json::object());
  EXPECT_EQ(j["rows"][3]["verified"], "quoted");
  EXPECT_FALSE(j["leaders"].contains("mmd"));
  const json& nll = j["leaders"]["nll"];
  EXPECT_EQ(nll["best"]["row"], 0);
  EXPECT_EQ(nll["next"]["label"], "kde");
  EXPECT_EQ(nll["test"]["n"], 2);
  EXPECT_NEAR(nll["test"]["difference"].get<double>(), 0.7 - (1.0 / 3 + 0.1) / 2, 1e-12);
  EXPECT_EQ(nll["higher_is_better"], false);
  EXPECT_EQ(j["notes"].size(), 2U);
}

TEST(FormatJson, OneRowHasNoTest) {
  const json j = json::parse(format_comparison(compare_results({variant("only", {1, 2})}, {}, {}), "json"));
  EXPECT_TRUE(j["leaders"]["nll"]["next"].is_null());
  EXPECT_TRUE(j["leaders"]["nll"]["test"].is_null());
}

TEST(FormatJson, TextThatIsNoUnicodeIsWrittenAllTheSame) {
  const json j = json::parse(format_comparison(compare_results({variant("\xff!", {1})}, {}, {}), "json"));
  EXPECT_EQ(j["rows"][0]["label"], "\uFFFD!");
}

}  // namespace
}  // namespace genmatch
