#include "equivariant/small_assignment.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/errors.h"
#include "core/numerics/instruction_sets.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const SmallAssignmentKernels* compiled_plain_small_assignment();
const SmallAssignmentKernels* compiled_avx2_small_assignment();
const SmallAssignmentKernels* compiled_avx512_small_assignment();

const SmallAssignmentKernels* small_assignment_kernels(int index) {
  static const auto all = [] {
    std::array<const SmallAssignmentKernels*, 4> present{compiled_plain_small_assignment()};
    std::size_t count = 1;
    const auto add = [&](bool there, const SmallAssignmentKernels* kernels) {
      if (there && kernels != nullptr) present[count++] = kernels;
    };
    add(has_avx2(), compiled_avx2_small_assignment());
    add(has_avx512(), compiled_avx512_small_assignment());
    return present;
  }();
  return all[static_cast<std::size_t>(index)];
}

const SmallAssignmentKernels& best_small_assignment_kernels() {
  int last = 0;
  while (small_assignment_kernels(last + 1) != nullptr) ++last;
  return *small_assignment_kernels(last);
}

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
