#pragma once
#include "core/tensor.h"

namespace genmatch {

/// Densities of weighted values over equal cells of [low, high), with respect to all of the values: float64 [cells].
/// `weight` [n] need not add up to one; undefined means all alike. NaN are left out.
Tensor histogram(const Tensor& values, const Tensor& weight, double low, double high, int64_t cells);

/// The centres of the cells.
Tensor cell_centres(double low, double high, int64_t cells);

}  // namespace genmatch
