#pragma once
#include "core/tensor.h"
#include "core/transport/assignment_solver.h"

namespace genmatch {

/// Who goes with whom at the least total cost, with the proof that it is the least.
struct Assignment {
  Tensor columns;   ///< int64 [rows]: row i goes with column columns[i], each column at most once; -1 if unmatched
  double cost = 0;  ///< sum over the matched pairs
  /// The dual solution, float64 [rows] and [columns]: row_potentials[i] + column_potentials[j] <= cost[i, j], with
  /// equality for matched pairs. The potentials of the longer side are <= 0, and 0 where unmatched. Hence their total
  /// is the cost, and no assignment costs less. All to rounding in double precision.
  Tensor row_potentials, column_potentials;
};

/// Solves the linear assignment problem exactly for a matrix of costs [rows, columns], float64 or float32 on the CPU:
/// all rows are matched or, if there are more rows than columns, all columns. +infinity forbids a pair. How, how fast,
/// and which one of several optimal assignments: assignment_solver.h. ContractError for another shape, dtype or
/// device, for NaN, -infinity and numbers beyond 1e300, and if every assignment has a forbidden pair.
Assignment assign(const Tensor& cost);
/// The same in the memory of a solver, for problems of one size again and again.
Assignment assign(const Tensor& cost, AssignmentSolver& solver);

}  // namespace genmatch
