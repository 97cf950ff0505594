#pragma once
#include "core/tensor.h"

namespace genmatch {

/// Numbers per row, [*rows], as factors of points [*rows, *event]: with a dimension of size 1 for each of the event.
Tensor over_event(const Tensor& per_row, const Tensor& points);

}  // namespace genmatch
