#pragma once
// The light LibTorch header that interface headers share. Sources that call operators include core/ops.h.
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace genmatch {

using at::Tensor;

/// A batch of points of a product space: one tensor [B, *event_shape] per factor.
using State = std::vector<Tensor>;

using Shape = std::vector<int64_t>;

}  // namespace genmatch
