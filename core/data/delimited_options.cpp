#include <fmt/format.h>

#include "core/data/delimited.h"
#include "core/errors.h"

namespace genmatch {

void Filter::fields(Fields& f) {
  f("column", column, "the column that is looked at", required);
  f("min", min, "the least value that is kept");
  f("max", max, "the greatest value that is kept");
  f("equals", equals, "the text of the cell in rows that are kept");
}

void DelimitedOptions::fields(Fields& f) {
  f("columns", columns, "which columns, by name or by position from 1, in the order in which the factors take them");
  f("delimiter", delimiter, "what separates columns", one_of({"auto", "comma", "tab", "semicolon", "space"}));
  f("header", header, "whether the first line holds the names of the columns", one_of({"auto", "yes", "no"}));
  f("missing", missing, "what to do about empty or NaN cells: stop, or leave the row out", one_of({"error", "skip"}));
  f("where", where, "keep only rows that satisfy all of these");
}

void DelimitedOptions::check() const {
  for (const auto& item : where.items) {
    const Filter& f = item.value;
    if (!f.min && !f.max && !f.equals) {
      throw OptionError("where", "the filter of column " + in_quotes(f.column) + " needs min, max or equals");
    }
    if (f.min && f.max && *f.min > *f.max) {
      throw OptionError("where", fmt::format("the filter of column {} keeps nothing: min {} is above max {}",
                                             in_quotes(f.column), *f.min, *f.max));
    }
  }
}

}  // namespace genmatch
