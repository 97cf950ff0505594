#include "core/numerics/broadcast.h"

#include "core/ops.h"

namespace genmatch {

Tensor over_event(const Tensor& per_row, const Tensor& points) {
  Shape shape = per_row.sizes().vec();
  shape.resize(static_cast<std::size_t>(points.dim()), 1);
  return per_row.reshape(shape);
}

}  // namespace genmatch
