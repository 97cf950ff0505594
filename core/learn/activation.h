#pragma once
#include <string>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// An elementwise nonlinearity, with what each kind of pass through a network needs of it.
/// Law: slope and backward are the derivative of value.
struct Activation {
  const char* name;
  Tensor (*value)(const Tensor& z);                             ///< differentiable by autograd
  void (*apply)(Tensor& z);                                     ///< value, in place; not differentiable
  Tensor (*slope)(const Tensor& z, const Tensor& value);        ///< derivative, from the argument and the value
  Tensor (*backward)(const Tensor& gradient, const Tensor& z);  ///< gradient * slope, in one pass

  /// 1 / sqrt(E value(z)^2) for z ~ N(0, 1): weights with this gain keep the second moment from layer to layer.
  double gain() const;
};

/// silu, selu, tanh, sin, softplus.
std::vector<std::string> activation_names();
/// ContractError if there is none of that name.
const Activation& activation(const std::string& name);

}  // namespace genmatch
