#pragma once
#include <functional>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// Values and derivatives of tensors; neither carries an autograd graph.
struct Jvp {
  std::vector<Tensor> value;
  std::vector<Tensor> derivative;  ///< [K, *shape of value]
};

/// f at x and its derivative along directions [K, *shape of x] (one tensor per tensor of x, all moving together), by
/// autograd: the transposed product is linear in its cotangent, so its own gradient is the product wanted. Works
/// whether or not gradients are being recorded. Where f returns an undefined tensor, so does the result.
Jvp jvp(const std::function<std::vector<Tensor>(const State&)>& f, const State& x, const State& directions);

}  // namespace genmatch
