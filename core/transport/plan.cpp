#include "core/transport/plan.h"

#include <fmt/format.h>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// The first place in each row of cumulated weights that exceeds the row's level: never one without weight, not even
// should rounding have put the level at the total.
Tensor first_above(const Tensor& upto, const Tensor& levels) {
  const Tensor total = upto.narrow(-1, upto.size(-1) - 1, 1);
  return at::minimum(at::searchsorted(upto, levels, false, true), (upto < total).sum(-1, true));
}

}  // namespace

Tensor at_most_one(const Tensor& wanted, const Tensor& got) {
  return at::where(got > wanted, wanted / got, at::ones_like(got));
}

Tensor with_marginals(const Tensor& plan, const Tensor& a, const Tensor& b) {
  Tensor result = plan * at_most_one(a, plan.sum(1)).unsqueeze(1);
  result = result * at_most_one(b, result.sum(0));
  const Tensor rows = (a - result.sum(1)).clamp_min(0), columns = (b - result.sum(0)).clamp_min(0);
  const double missing = rows.sum().item<double>();
  return missing > 0 ? result + at::outer(rows / missing, columns) : result;
}

Tensor draw_columns(const Tensor& plan, Rng& rng) {
  if (plan.dim() != 2)
    throw ContractError(fmt::format("draw_columns: a matrix expected, got {} dimensions", plan.dim()));
  if (plan.size(0) == 0) return at::empty({0}, at::kLong);
  if (plan.size(1) == 0) throw ContractError("draw_columns: there are no columns to draw");
  const Tensor upto = plan.to(at::kDouble).cumsum(1), total = upto.narrow(1, plan.size(1) - 1, 1);
  if (!(total > 0).all().item<bool>()) throw ContractError("draw_columns: each row must have some weight");
  return first_above(upto, rng.uniform({plan.size(0), 1}, at::kDouble) * total).squeeze(1);
}

Tensor draw_evenly(const Tensor& weights, Rng& rng) {
  const int64_t n = weights.size(0);
  if (n == 0) return at::empty({0}, at::kLong);
  const Tensor upto = weights.to(at::kDouble).cumsum(0);
  const double total = upto[n - 1].item<double>();
  if (!(total > 0)) throw ContractError("draw_evenly: some weight expected");
  return first_above(upto, (at::arange(n, at::kDouble) + rng.uniform()) * (total / static_cast<double>(n)));
}

}  // namespace genmatch
