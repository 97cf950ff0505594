#pragma once
#include <map>
#include <string>

#include "core/learn/parameters.h"

namespace genmatch {

/// A first-order method on a flat vector of parameters.
/// Laws: 1. agrees with LibTorch's optimiser of the same name; 2. state() restored gives the same next step, bit
/// for bit.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// The largest learning rate, before warm-up and decay.
  virtual double rate() const = 0;
  /// One update with the gradients that `parameters` holds, at learning rate `rate`.
  virtual void step(Parameters& parameters, double rate) = 0;
  /// Everything the next step depends on, by name ("exp_avg", "exp_avg_sq", "step"); flat tensors, shared.
  virtual std::map<std::string, Tensor> state() = 0;
  virtual void restore(const std::map<std::string, Tensor>& state) = 0;
};

}  // namespace genmatch
