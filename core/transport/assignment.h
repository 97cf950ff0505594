#pragma once
#include "core/tensor.h"

namespace genmatch {

/// Who goes with whom at the least total cost, with the proof that it is the least.
struct Assignment {
  Tensor columns;   ///< int64 [n]: row i goes with column columns[i], each column once
  double cost = 0;  ///< sum over rows
  /// The dual solution, float64 [n] each: row_potentials[i] + column_potentials[j] <= cost[i, j], with equality for the
  /// pairs of the assignment (to rounding), so that their total is the cost and no assignment costs less.
  Tensor row_potentials, column_potentials;
};

/// Solves the linear assignment problem exactly for a matrix of costs [n, n], float64 on the CPU, by shortest
/// augmenting paths (Jonker & Volgenant 1987, doi:10.1007/BF02278710): O(n^3) at worst, five seconds for 2000 points
/// on a line. ContractError for another shape or dtype, and for costs that are not finite.
Assignment assign(const Tensor& cost);

}  // namespace genmatch
