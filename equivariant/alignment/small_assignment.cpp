#include "equivariant/alignment/small_assignment.h"

#include <algorithm>
#include <limits>

#include "core/errors.h"
#include "core/numerics/instruction_sets.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const SmallAssignmentKernels* compiled_plain_small_assignment();
const SmallAssignmentKernels* compiled_avx2_small_assignment();
const SmallAssignmentKernels* compiled_avx512_small_assignment();

namespace {

const PresentKernels<SmallAssignmentKernels>& present() {
  static const PresentKernels<SmallAssignmentKernels> all(compiled_plain_small_assignment(), has_avx2(),
                                                          compiled_avx2_small_assignment(),
                                                          compiled_avx512_small_assignment());
  return all;
}

}  // namespace

const SmallAssignmentKernels* small_assignment_kernels(int index) { return present()[index]; }
const SmallAssignmentKernels& best_small_assignment_kernels() { return present().best(); }

SmallAssignment::SmallAssignment(int64_t n, const SmallAssignmentKernels& kernels) : kernels_(kernels) {
  constexpr int64_t lanes = SmallAssignmentKernels::kMostLanes;
  const int64_t stride = (n + lanes - 1) / lanes * lanes;
  numbers_.assign(static_cast<std::size_t>((n + 3) * stride), std::numeric_limits<double>::infinity());
  indices_.resize(static_cast<std::size_t>(4 * stride));
  columns_.resize(static_cast<std::size_t>(n));
  double* const of_columns = numbers_.data() + n * stride;
  int64_t* const index = indices_.data();
  problem_ = {
      n,     stride,         numbers_.data(),    of_columns,        of_columns + stride, of_columns + 2 * stride,
      index, index + stride, index + 2 * stride, index + 3 * stride};
}

void SmallAssignment::solve() { solve(false); }
void SmallAssignment::solve_from_potentials() { solve(true); }

void SmallAssignment::solve(bool guessed) {
  if (!kernels_.solve(problem_, guessed))
    throw ContractError("SmallAssignment::solve: every assignment has a forbidden pair");
  std::copy_n(problem_.column_of, problem_.n, columns_.begin());
}

}  // namespace genmatch
