#pragma once
#include "core/tensor.h"

namespace genmatch {

/// How far along its way a path is at time t: kappa(0) = 0, kappa(1) = 1, not decreasing.
/// Laws: 1. end points; 2. monotone; 3. derivative is the derivative of value.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual Tensor value(const Tensor& t) const = 0;
  virtual Tensor derivative(const Tensor& t) const = 0;
};

}  // namespace genmatch
