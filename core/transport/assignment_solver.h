#pragma once
#include <cstdint>
#include <vector>

#include "core/transport/auction.h"
#include "core/transport/augmentation.h"
#include "core/transport/row_kernels.h"

namespace genmatch {

/// The linear assignment problem, solved exactly: min sum_i cost[i, j(i)] over the ways of matching every row with a
/// column of its own; with more rows than columns, every column with a row of its own.
///
/// An auction in single precision finds potentials that are nearly optimal, shortest augmenting paths in double
/// precision do the rest, so that the result is optimal for the given numbers up to rounding in double precision. The
/// time is some 30 passes over the costs for points in space, O(n^3) at worst.
///
/// The same costs give the same assignment in every call on one kind of processor. Of several optimal ones it is
/// unspecified which is found, and processors with other vector instructions may find another of equal cost.
///
/// A solver keeps its memory: solving again at a size that it has seen before allocates nothing. Not for several
/// threads at once.
class AssignmentSolver {
 public:
  static constexpr int64_t none = -1;

  AssignmentSolver() : AssignmentSolver(best_row_kernels()) {}
  explicit AssignmentSolver(const RowKernels& kernels) : kernels_(&kernels) {}

  /// Costs [rows, columns], row by row. +infinity forbids a pair. ContractError for NaN, -infinity and finite numbers
  /// beyond 1e300 in magnitude; for a forbidden pair in every assignment, naming a row (or column, where those are
  /// fewer) that cannot be matched; for more than 2^31 - 128 rows or columns. The results are unspecified after that.
  void solve(const double* cost, int64_t rows, int64_t columns);
  void solve(const float* cost, int64_t rows, int64_t columns);

  /// Of the last problem solved; the references hold until the next.
  const std::vector<int64_t>& columns() const { return columns_; }  ///< [rows]: of each row, none if it is unmatched
  double cost() const { return cost_; }
  /// The dual solution: row_potentials[i] + column_potentials[j] <= cost[i, j], with equality for matched pairs. The
  /// potentials of the longer side are <= 0, and 0 where unmatched. Their total is the cost, all to rounding.
  const std::vector<double>& row_potentials() const { return row_potentials_; }
  const std::vector<double>& column_potentials() const { return column_potentials_; }

 private:
  template <class Real>
  struct Workspace {
    std::vector<Real> transposed;
    Augmentation<Real> augmentation;
  };

  template <class Real>
  void solve(const Real* cost, int64_t rows, int64_t columns, Workspace<Real>& workspace);
  template <class Real>
  double check(const CostMatrix<Real>& costs, bool transposed);
  template <class Real>
  void bid(const CostMatrix<Real>& costs, double scale, Augmentation<Real>& augmentation);
  template <class Real>
  void tighten(const CostMatrix<Real>& costs, Augmentation<Real>& augmentation);
  template <class Real>
  void report(const CostMatrix<Real>& costs, bool transposed, Augmentation<Real>& augmentation);

  const RowKernels* kernels_;
  Auction auction_;
  Workspace<float> of_float_;
  Workspace<double> of_double_;
  std::vector<double> least_, means_, lowest_;
  std::vector<int64_t> holder_;
  std::vector<int64_t> columns_;
  std::vector<double> row_potentials_, column_potentials_;
  double cost_ = 0;
};

}  // namespace genmatch
