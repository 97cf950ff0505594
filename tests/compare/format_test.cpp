// The table for people: terminal, Markdown, LaTeX.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/errors.h"
#include "experiments/report/text.h"
#include "tests/compare/results.h"

namespace genmatch {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Le;
using testing::Not;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const PublishedRow rfm{"RFM", "nll", "Chen & Lipman 2024", -7.93, 1.67, "quoted", "net 2048 wide, batch 8192 or more"};

// narrow - wide: 1, 0.5, 1.5. Mean 1, standard error 0.5 / sqrt(3) = 0.289, t = sqrt(12), whence p = 1 - sqrt(6/7).
std::vector<VariantResults> two_variants() {
  return {with_baseline(variant("wide", {-3, -1.5, -1.5}), "uniform", {2.5310242, 2.5310242, 2.5310242}),
          variant("narrow", {-2, -1, 0})};
}

std::string table(const std::vector<VariantResults>& variants, const std::string& format,
                  const std::vector<PublishedRow>& rows = {}, const std::map<std::string, Better>& better = {}) {
  return format_comparison(compare_results(variants, published(rows), better), format);
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++n;
  return n;
}

TEST(FormatTerminal, WholeTable) {
  EXPECT_EQ("\n" + table(two_variants(), "terminal", {rfm}), R"(
                   nll  time per run  peak MB
-------  -------------  ------------  -------  ------------
wide     −2.00 ± 0.87*    1 min 30 s      250
narrow   −1.00 ± 1.00     1 min 30 s      250
uniform   2.53 ± 0.00              -        -      baseline
RFM      −7.93 ± 1.67              -        -  [quoted] (1)

* the best of ours
(1) Chen & Lipman 2024; net 2048 wide, batch 8192 or more
published rows: ± as the source means it; they take no part in marks and tests
mean ± standard deviation over 3 seeds
nll: wide leads narrow by 1.00 ± 0.29 (standard error; paired t-test over 3 seeds, p = 0.074)
)");
}

TEST(FormatTerminal, SeedsAreNamedWhereTheyDiffer) {
  const std::string text = table({variant("wide", {1, 2, 4}), variant("narrow", {2, 3})}, "terminal");
  EXPECT_THAT(text, HasSubstr("2.33 ± 1.53*        "));
  EXPECT_THAT(text, HasSubstr("2.50 ± 0.71 (n = 2)"));
  EXPECT_EQ(count(text, "(n = "), 1U);
  EXPECT_THAT(text, HasSubstr("no finished run of seed 2: narrow\n"));
}

TEST(FormatTerminal, OneSeedHasNoDeviationAndNoTest) {
  const std::string text = table({variant("wide", {-3.63}), variant("narrow", {-3.5})}, "terminal");
  EXPECT_THAT(text, HasSubstr("−3.630*"));
  EXPECT_THAT(text, Not(HasSubstr("±")));
  EXPECT_THAT(text, HasSubstr("nll: wide leads narrow by 0.130 with the one seed in common; no test is possible\n"));
}

TEST(FormatTerminal, SaysWhatIsMissing) {
  VariantResults other{"other", {run(0, {{"mmd", 0.5}})}};
  const std::string text = table({variant("bad", {nan}), variant("none", {}), other}, "terminal");
  EXPECT_THAT(text, testing::ContainsRegex("bad +failed +- +1 min 30 s +250\n"));
  EXPECT_THAT(text, testing::ContainsRegex("none +- +- +- +-\n"));
  EXPECT_THAT(text, testing::ContainsRegex("other +- +0.5000\\* +1 min 30 s +250\n"));
  EXPECT_THAT(text, Not(HasSubstr("nan ")));
}

TEST(FormatTerminal, DigitsFollowTheSmallestDeviation) {
  EXPECT_THAT(table({variant("a", {1234, 1300}), variant("b", {2000, 2100})}, "terminal"), HasSubstr("1267 ± 47*"));
  const std::string fine = table({variant("a", {0.5, 0.502}), variant("b", {1, 3})}, "terminal");
  EXPECT_THAT(fine, HasSubstr("0.5010 ± 0.0014*"));
  EXPECT_THAT(fine, HasSubstr("2.0000 ± 1.4142"));
}

// The uniform density is the same at every seed up to rounding, which is no deviation to be shown in full.
TEST(FormatTerminal, RoundingIsNoDeviation) {
  const std::string text = table({variant("a", {1, 1.2}), variant("b", {2.5, 2.5 + 1e-15})}, "terminal");
  EXPECT_THAT(text, HasSubstr("2.50 ± 0.00"));
}

TEST(FormatTerminal, HugeAndTinyNumbersStayShort) {
  const std::string huge = table({variant("diverged", {1e30, 3e30}), variant("fine", {-1.5, -1.6})}, "terminal");
  EXPECT_THAT(huge, HasSubstr("2.00e+30 ± 1.41e+30"));
  EXPECT_THAT(huge, HasSubstr("−1.550 ±    0.071*"));
  EXPECT_THAT(table({variant("tiny", {1e-9, 3e-9})}, "terminal"), HasSubstr("2.00e−09 ± 1.41e−09*"));
  EXPECT_THAT(table({variant("zero", {-0.5, 0.4999})}, "terminal"), HasSubstr("zero  0.00 ± 0.71*"));
}

TEST(FormatTerminal, TiesAreAllTheBest) {
  const std::string text = table({variant("a", {1, 2}), variant("b", {2, 1}), variant("c", {2, 2})}, "terminal");
  EXPECT_EQ(count(text, "0.71*"), 2U);
  EXPECT_THAT(text, HasSubstr("nll: a and b have the same mean over 2 seeds\n"));
}

TEST(FormatTerminal, HigherIsBetter) {
  const std::string text =
      table({variant("a", {1, 2}), variant("b", {3, 5})}, "terminal", {}, {{"nll", Better::higher}});
  EXPECT_THAT(text, HasSubstr("4.00 ± 1.41*"));
  EXPECT_THAT(text,
              HasSubstr("nll: b leads a by 2.50 ± 0.50 (standard error; paired t-test over 2 seeds, p = 0.13)\n"));
}

// "half" lacks a seed and ranks behind, though it is ahead where both have one.
TEST(FormatTerminal, SaysWhereTheSeedsInCommonContradictTheMeans) {
  const std::string text = table({variant("whole", {3, 4, 0}), variant("half", {2, 2})}, "terminal");
  EXPECT_THAT(text, HasSubstr("nll: whole leads, but where they share seeds, half is ahead of it by 1.50 ± 0.50"));
}

TEST(FormatTerminal, EqualDifferencesAndNoCommonSeeds) {
  EXPECT_THAT(table({variant("a", {1, 2, 5}), variant("b", {1.5, 2.5, 5.5})}, "terminal"),
              HasSubstr("nll: a leads b by 0.5 with each of 3 seeds\n"));
  VariantResults elsewhere = variant("b", {7});
  elsewhere.runs[0].seed = 9;
  EXPECT_THAT(table({variant("a", {1}), elsewhere}, "terminal"),
              HasSubstr("nll: a leads b, but they share no seed; no test is possible\n"));
}

TEST(FormatTerminal, LongNotesAreWrappedAndNumberedOnce) {
  PublishedRow other = rfm;
  other.method = "RFM, again";
  other.protocol = std::string(300, 'x');
  for (std::size_t i = 20; i < 300; i += 20) other.protocol[i] = ' ';
  PublishedRow same = rfm;
  same.method = "its ablation";
  const std::string text = table(two_variants(), "terminal", {rfm, other, same});
  std::vector<std::size_t> widths;
  for (const std::string& line : lines(text)) widths.push_back(display_width(line));
  EXPECT_THAT(widths, Each(Le(120U)));
  EXPECT_THAT(text, testing::ContainsRegex("its ablation .*\\[quoted\\] \\(1\\)"));
  EXPECT_THAT(text, testing::ContainsRegex("RFM, again .*\\[quoted\\] \\(2\\)"));
  EXPECT_EQ(count(text, "Chen & Lipman 2024"), 2U);
}

TEST(FormatTerminal, FiftyVariantsStandUnderEachOther) {
  std::vector<VariantResults> variants;
  for (int i = 0; i < 50; ++i) variants.push_back(variant("v" + std::to_string(i), {-1e-3 * i, 10.0 * i}));
  const std::vector<std::string> all = lines(table(variants, "terminal"));
  ASSERT_GT(all.size(), 52U);
  for (std::size_t i = 2; i < 52; ++i) {
    EXPECT_EQ(display_width(all[i]), display_width(all[1])) << all[i];
    EXPECT_EQ(display_width(all[i].substr(0, all[i].find("±"))), display_width(all[2].substr(0, all[2].find("±"))));
  }
}

TEST(FormatTerminal, ControlCharactersAreBlanks) {
  EXPECT_THAT(table({variant("a\nb\x1b[31m", {1})}, "terminal"), HasSubstr("a b [31m"));
}

TEST(FormatMarkdown, WholeTable) {
  EXPECT_EQ("\n" + table(two_variants(), "markdown", {rfm}), R"(
|  | nll | time per run | peak MB |  |
| --- | ---: | ---: | ---: | --- |
| wide | **−2.00 ± 0.87** | 1 min 30 s | 250 |  |
| narrow | −1.00 ± 1.00 | 1 min 30 s | 250 |  |
| uniform | 2.53 ± 0.00 | - | - | baseline |
| RFM | −7.93 ± 1.67 | - | - | \[quoted\] (1) |

- (1) Chen \& Lipman 2024; net 2048 wide, batch 8192 or more
- published rows: ± as the source means it; they take no part in marks and tests
- mean ± standard deviation over 3 seeds
- nll: wide leads narrow by 1.00 ± 0.29 (standard error; paired t-test over 3 seeds, p = 0.074)
)");
}

TEST(FormatMarkdown, EveryRowHasEveryCell) {
  const std::string text = table({variant("a|b\nc", {1}), variant("`x` **y** _z_ <b> [l](u) \\", {2})}, "markdown");
  EXPECT_THAT(text, HasSubstr("| a\\|b c | **1.000** |"));
  EXPECT_THAT(text, HasSubstr("| \\`x\\` \\*\\*y\\*\\* \\_z\\_ \\<b\\> \\[l\\](u) \\\\ | 2.000 |"));
}

TEST(FormatLatex, WholeTable) {
  EXPECT_EQ("\n" + table({variant("wide", {-3, -1.5, -1.5}), variant("narrow", {-2, -1, 0})}, "latex", {rfm}), R"(
\begin{tabular}{lrrrl}
\toprule
 & nll & time per run & peak MB &  \\
\midrule
wide & \textbf{$-$2.00 $\pm$ 0.87} & 1 min 30 s & 250 &  \\
narrow & $-$1.00 $\pm$ 1.00 & 1 min 30 s & 250 &  \\
\midrule
RFM & $-$7.93 $\pm$ 1.67 & - & - & {[}quoted{]} (1) \\
\bottomrule
\end{tabular}

\noindent{\footnotesize (1) Chen \& Lipman 2024; net 2048 wide, batch 8192 or more\par}

\noindent{\footnotesize published rows: $\pm$ as the source means it; they take no part in marks and tests\par}

\noindent{\footnotesize mean $\pm$ standard deviation over 3 seeds\par}

\noindent{\footnotesize nll: wide leads narrow by 1.00 $\pm$ 0.29 (standard error; paired t-test over 3 seeds, p = 0.074)\par}
)");
}

TEST(FormatLatex, Escapes) {
  const std::string text = table({variant("a&b%c_d#e$f{g}h~i^j\\k", {1}), variant("[x] * < | > − ±\ny", {2})}, "latex");
  EXPECT_THAT(text,
              HasSubstr("\na\\&b\\%c\\_d\\#e\\$f\\{g\\}h\\textasciitilde{}i\\textasciicircum{}j\\textbackslash{}k & "));
  EXPECT_THAT(text, HasSubstr("\n{[}x{]} {*} \\textless{} \\textbar{} \\textgreater{} $-$ $\\pm$ y & 2.000 & "));
}

TEST(Format, NothingToShow) {
  EXPECT_THAT(table({}, "terminal"), HasSubstr("time per run  peak MB"));
  EXPECT_THAT(table({}, "markdown"), HasSubstr("|  | time per run | peak MB |  |"));
  EXPECT_THAT(table({}, "latex"), HasSubstr("\\begin{tabular}{lrrl}"));
}

TEST(Format, AnUnknownFormatIsRefused) {
  try {
    table({}, "html");
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("\"html\" is no format of a table; one of: terminal, markdown, csv, latex, json"));
  }
}

}  // namespace
}  // namespace genmatch
