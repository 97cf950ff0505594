#include "equivariant/histogram.h"

#include "core/ops.h"

namespace genmatch {

Tensor histogram(const Tensor& values, const Tensor& weight, double low, double high, int64_t cells) {
  const Tensor known = values.isnan().logical_not(), x = values.masked_select(known).to(at::kDouble);
  const Tensor w = weight.defined() ? weight.masked_select(known).to(at::kDouble) : at::ones_like(x);
  const double width = (high - low) / static_cast<double>(cells);
  // Those outside go to a cell of their own, which is dropped.
  const Tensor at_cell = ((x - low) / width).floor();
  const Tensor inside = at_cell.ge(0).logical_and(at_cell.lt(static_cast<double>(cells)));
  const Tensor cell = at::where(inside, at_cell, at::full({}, static_cast<double>(cells), at::kDouble)).to(at::kLong);
  return cell.bincount(w, cells + 1).narrow(0, 0, cells) / (w.sum() * width);
}

Tensor cell_centres(double low, double high, int64_t cells) {
  return low + (at::arange(cells, at::kDouble) + 0.5) * ((high - low) / static_cast<double>(cells));
}

}  // namespace genmatch
