#pragma once
#include <vector>

#include "core/config/catalog.h"
#include "core/process/space.h"

namespace genmatch {

/// Between all rows of a [N] and of b [M] on a product space: the sum over the factors of weight times distance
/// squared, [N, M] float64 on the CPU. The weights are 1 if there are none. Computed in blocks, in the dtype of a and
/// b.
Tensor squared_distances(const Spaces& spaces, const State& a, const State& b, const std::vector<double>& weights = {});

}  // namespace genmatch
