#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// A table of numbers as it was read, before it means anything. All values are finite, or NaN if
/// Coordinates::may_lack_values.
struct Numbers {
  Tensor values;                   ///< [N, columns] float64
  std::vector<std::string> names;  ///< of the columns
  /// Where a value was read, to begin a message with: "a.csv:12:8: latitude".
  std::function<std::string(int64_t row, int64_t column)> place;
  std::vector<std::string> warnings;
};

/// What is wrong with the data, reported together; stops reading when there is more than a user wants to see.
class Faults {
 public:
  void add(const std::string& fault);  ///< throws DataError at the fifth
  void throw_if_any() const;           ///< DataError with one line per fault

 private:
  std::vector<std::string> faults_;
};

/// Text from a file as it may be shown: cut after 40 bytes, control characters escaped, no invalid UTF-8.
std::string printable(std::string_view text);
std::string in_quotes(std::string_view text);  ///< printable, between quotes

}  // namespace genmatch
