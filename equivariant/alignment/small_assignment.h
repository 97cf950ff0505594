#pragma once
#include <cstdint>
#include <vector>

namespace genmatch {

/// The memory of a small assignment problem: n rows and columns, rows `stride` numbers apart.
struct SmallProblem {
  int64_t n, stride;
  double* cost;                                  // [n, stride], +infinity beyond n
  double *potential, *open, *distance;           // [stride], of columns; -infinity in open: not to be reached again
  int64_t *from, *row_of, *column_of, *waiting;  // [stride]; from: the row from which a column was reached
};

/// The loops on rows of costs, compiled for several instruction sets; all give the same numbers, bit for bit.
struct SmallAssignmentKernels {
  static constexpr int64_t kMostLanes = 8;  // by which strides are divisible
  const char* name;                         ///< of the instruction set: "plain", "avx2", "avx512"
  /// cost[i, j] = -<x_i, y_j> for x [n, dim] and y [dim, stride], dim = 1, 2, 3.
  void (*overlaps)(const double* x, const double* y, int64_t dim, const SmallProblem& problem);
  /// Writes column_of; false if every assignment has a forbidden pair. The potentials are where it starts if `guessed`,
  /// and optimal in the end.
  bool (*solve)(const SmallProblem& problem, bool guessed);
};

/// Those that this processor can run, from the narrowest on; null past the last.
const SmallAssignmentKernels* small_assignment_kernels(int index);
const SmallAssignmentKernels& best_small_assignment_kernels();

/// Optimal assignment of n rows to n columns in double precision, by the reduction of columns (or potentials
/// that are guessed), then of rows, then shortest augmenting paths, O(n^3): what core/transport does for large
/// problems, without the preparations that only pay there. For n up to about a hundred, again and again in the same
/// memory. Jonker & Volgenant 1987, doi:10.1007/BF02278710.
class SmallAssignment {
 public:
  explicit SmallAssignment(int64_t n, const SmallAssignmentKernels& kernels = best_small_assignment_kernels());
  SmallAssignment(const SmallAssignment&) = delete;
  SmallAssignment& operator=(const SmallAssignment&) = delete;

  int64_t stride() const { return problem_.stride; }
  /// Where the costs of row i are to be written, n numbers; +infinity forbids a pair. They stay as they are.
  double* row(int64_t i) { return problem_.cost + i * problem_.stride; }
  /// All of them as -<x_i, y_j>, x [n, dim], y [dim, stride()].
  void set_overlaps(const double* x, const double* y, int64_t dim) { kernels_.overlaps(x, y, dim, problem_); }

  /// ContractError if every assignment has a forbidden pair.
  void solve();
  /// The same from potentials of the columns, finite numbers that are better the nearer they are to optimal ones: those
  /// that the last solution left, or what has been written to potentials().
  void solve_from_potentials();
  double* potentials() { return problem_.potential; }  ///< [n]
  /// Of each row. Holds until the next call of solve().
  const std::vector<int64_t>& columns() const { return columns_; }

 private:
  void solve(bool guessed);
  const SmallAssignmentKernels& kernels_;
  std::vector<double> numbers_;
  std::vector<int64_t> indices_, columns_;
  SmallProblem problem_;
};

}  // namespace genmatch
