#pragma once
#include <string>

namespace genmatch {

/// A cell's text as a number.
struct CellValue {
  enum class Kind { number, missing, faulty };
  Kind kind = Kind::number;
  double value = 0;
  std::string fault;  ///< what is wrong with a missing or faulty one, and what to do
};

/// Locale-independent. Missing is: nothing, "nan", "na", "n/a", "null", "none", "?", "-" in any case.
CellValue cell_value(const std::string& text);

}  // namespace genmatch
