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

}  // namespace genmatch
