#pragma once
#include <cstdint>
#include <vector>

namespace genmatch {

/// Optimal assignment of n rows to n columns by shortest augmenting paths in double precision, O(n^3): what
/// core/transport does for large problems, without the preparations that only pay there. For n up to about thirty,
/// again and again in the same memory. Jonker & Volgenant 1987, doi:10.1007/BF02278710.
class SmallAssignment {
 public:
  explicit SmallAssignment(int64_t n);

  /// cost [n, n], row by row; +infinity forbids a pair. ContractError if every assignment has a forbidden one.
  void solve(const double* cost);
  /// Of each row. Holds until the next call of solve().
  const std::vector<int64_t>& columns() const { return column_of_; }

 private:
  void reduce_columns(const double* cost);
  void augment(const double* cost, int64_t row);
  int64_t nearest() const;  // of the columns that are not settled
  std::size_t n_;
  std::vector<int64_t> column_of_, row_of_, from_;  // from_: the row from which a column was reached
  std::vector<double> potential_, distance_;        // of columns
  std::vector<char> settled_;
};

}  // namespace genmatch
