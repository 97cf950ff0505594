#pragma once
// Tables of numbers as text: CSV, TSV and what else separates columns.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/fields.h"
#include "core/data/numbers.h"

namespace genmatch {

/// Keeps the rows whose cell in `column` satisfies all that is stated.
struct Filter {
  std::string column;
  std::optional<double> min, max;     ///< inclusive
  std::optional<std::string> equals;  ///< the cell's text
  void fields(Fields& f);
};

/// How a text table is written, and what is wanted of it.
struct DelimitedOptions {
  std::vector<std::string> columns;  ///< names in the header, or positions from 1
  std::string delimiter = "auto", header = "auto", missing = "error";
  ListOf<Filter> where;
  void fields(Fields& f);
  /// OptionError "where" for a filter that states nothing, or the impossible.
  void check() const;
};

/// The chosen columns of a text file, row by row in its order. Where `columns` is empty: all of them, which must be
/// `width` if that is stated. DataError with file:line:column where the file is at fault.
Numbers read_delimited(const std::string& file, const DelimitedOptions& options, std::optional<int64_t> width = {});
/// The same for text that has been read; `file` is for messages.
Numbers parse_delimited(std::string_view text, const std::string& file, const DelimitedOptions& options,
                        std::optional<int64_t> width = {});

}  // namespace genmatch
