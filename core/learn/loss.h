#pragma once
#include "core/config/catalog.h"
#include "core/tensor.h"

namespace genmatch {

class ConditionalGenerator;

/// One kind on one factor of a batch: pairs (x0, x1), points xt at times t, and the network's raw output for them
/// [B, head().size].
struct LossTerm {
  const Factor& factor;
  const ConditionalGenerator& generator;
  const Tensor &xt, &t, &x0, &x1, &output;
};

/// What training minimises, per row. A loss is built for the factors of an experiment and refuses (OptionError) those
/// that it does not fit.
/// Laws (tests/conformance/loss_test.cpp): 1. >= 0, finite in float32 at both ends of time; 2. its mean over the data
/// given xt is least at the posterior mean of the output's conditional value.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual Tensor at(const LossTerm& term) const = 0;  ///< [B]
};

}  // namespace genmatch
