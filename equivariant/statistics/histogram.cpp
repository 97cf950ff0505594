#include "equivariant/statistics/histogram.h"

#include "core/ops.h"

namespace genmatch {

Tensor histogram(const Tensor& values, const Tensor& weight, double low, double high, int64_t cells) {
  const Tensor known = values.isnan().logical_not(), x = values.masked_select(known).to(at::kDouble);
  const Tensor w = weight.defined() ? weight.masked_select(known).to(at::kDouble) : at::ones_like(x);
  const double width = (high - low) / static_cast<double>(cells), range[] = {low, high};
  return std::get<0>(at::histogram(x, cells, at::ArrayRef<double>(range), w)) / (w.sum() * width);
}

Tensor cell_centres(double low, double high, int64_t cells) {
  return low + (at::arange(cells, at::kDouble) + 0.5) * ((high - low) / static_cast<double>(cells));
}

}  // namespace genmatch
