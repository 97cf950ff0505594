#pragma once
// Numbers and tables as text for people.
#include <string>
#include <vector>

#include "core/measure/evaluation.h"

namespace genmatch {

/// Columns that the text takes on a terminal: UTF-8 characters, each counted as one.
std::size_t display_width(const std::string& text);

/// Rows of text under a header, columns aligned; the first column to the left, the others to the right.
std::string format_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);

/// "3 min 20 s", "45 s", "2 h 5 min".
std::string format_seconds(double seconds);

/// "1.234 ± 0.056".
std::string format_estimate(const Estimate& estimate);

/// A cell of a CSV file, in quotes where it needs them (RFC 4180).
std::string csv_cell(const std::string& text);
/// The fewest digits that read back as the same double; nothing for what is no number.
std::string csv_cell(double value);

}  // namespace genmatch
