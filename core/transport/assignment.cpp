#include "core/transport/assignment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

template <class Number>
Tensor to_tensor(const std::vector<Number>& numbers, at::ScalarType type) {
  const Tensor t = at::empty({static_cast<int64_t>(numbers.size())}, type);
  std::copy(numbers.begin(), numbers.end(), t.data_ptr<Number>());
  return t;
}

}  // namespace

Assignment assign(const Tensor& cost, AssignmentSolver& solver) {
  const bool is_float = cost.defined() && cost.scalar_type() == at::kFloat;
  if (!cost.defined() || cost.dim() != 2 || !(is_float || cost.scalar_type() == at::kDouble) || !cost.device().is_cpu())
    throw ContractError(fmt::format("assign: cost: a float64 or float32 matrix on the CPU expected, got {}",
                                    cost.defined() ? fmt::format("[{}] of {} on {}", fmt::join(cost.sizes(), ", "),
                                                                 c10::toString(cost.scalar_type()), cost.device().str())
                                                   : "none"));
  const Tensor rows = cost.contiguous();
  if (is_float)
    solver.solve(rows.data_ptr<float>(), rows.size(0), rows.size(1));
  else
    solver.solve(rows.data_ptr<double>(), rows.size(0), rows.size(1));
  return {to_tensor(solver.columns(), at::kLong), solver.cost(), to_tensor(solver.row_potentials(), at::kDouble),
          to_tensor(solver.column_potentials(), at::kDouble)};
}

Assignment assign(const Tensor& cost) {
  AssignmentSolver solver;
  return assign(cost, solver);
}

}  // namespace genmatch
