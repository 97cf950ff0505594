#pragma once
// A comparison as text for people, before it takes the form of a terminal, of Markdown or of LaTeX.
#include <optional>
#include <string>
#include <vector>

#include "experiments/compare/comparison.h"

namespace genmatch {

/// Longest numbers of a column: digits after the point, or one before it and a power of ten.
struct Digits {
  int decimals = 3;
  bool scientific = false;
  std::string operator()(double value) const;
};

/// As many digits as show the smallest standard deviation with two that count (one that is but rounding left aside);
/// without any, the largest mean with four.
Digits digits_for(const std::vector<Spread>& values);

/// The digits of a metric's column.
Digits column_digits(const Comparison& comparison, const std::string& metric);

/// One number: "−3.630" "0.345" "(n = 2)".
struct Cell {
  std::string mean;   ///< "-" where nothing was measured, "failed" where nothing finite was
  std::string sd;     ///< empty if there is none
  std::string seeds;  ///< how many, where they are not as many as elsewhere
  bool best = false;
  /// "−3.630 ± 0.345 (n = 2)".
  std::string text() const;
};

struct TextRow {
  ComparisonRow::Kind kind = ComparisonRow::Kind::variant;
  std::string label;
  std::vector<Cell> cells;
  std::string time, memory;
  std::string source;  ///< "baseline", "[quoted] (1)"
};

struct TableText {
  std::vector<std::string> header;  ///< label, metrics, time, memory, source
  std::vector<TextRow> rows;
  std::vector<std::string> below;  ///< "(1) source" …, what ± means, a sentence per test, notes
};

TableText table_text(const Comparison& comparison);

/// Who leads in a metric, and whether the test over seeds tells it from chance: "nll: wide leads narrow by 0.120 ±
/// 0.031 (standard error; paired t-test over 3 seeds, p = 0.04)". None if nobody stands second.
std::optional<std::string> test_sentence(const Comparison& comparison, const std::string& metric);

/// The text on one line: line breaks and other control characters become spaces.
std::string one_line(const std::string& text);

/// The table in each format.
std::string format_terminal(const Comparison& comparison);
std::string format_markdown(const Comparison& comparison);
std::string format_latex(const Comparison& comparison);
std::string format_csv(const Comparison& comparison);
std::string format_json(const Comparison& comparison);

}  // namespace genmatch
