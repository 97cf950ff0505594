#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/data/record_scanner.h"

namespace genmatch {

/// The names of a table's columns, and how users choose among them.
class Header {
 public:
  /// From the first record: `stated` is "yes", "no", or "auto", which takes it for a header if it has text and no
  /// cell that is a number.
  Header(const std::vector<Cell>& first, const std::string& stated);

  bool present() const { return present_; }  ///< or else the first record is a row
  std::size_t size() const { return names_.size(); }
  std::string name(std::size_t i) const;  ///< to be shown; "column 3" where there is none
  /// The column meant by a name (in any case if only one fits) or a position from 1. DataError, beginning with
  /// `place`, with the nearest name and a list of all.
  std::size_t find(const std::string& wanted, const std::string& place) const;
  std::string list() const;  ///< "lat, lon, mag"

 private:
  bool present_;
  std::vector<std::string> names_;
};

}  // namespace genmatch
