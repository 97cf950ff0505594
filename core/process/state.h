#pragma once
// Rows of a batch, all factors together.
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// The rows x[index] of every factor; index int64 [n], on any device.
State rows_of(const State& x, const Tensor& index);
/// Batches one below the other, at least one.
State stacked(const std::vector<State>& batches);

}  // namespace genmatch
