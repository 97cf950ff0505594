#pragma once
#include "core/gaussian/prediction.h"

namespace genmatch {

/// w_t in the loss w_t |output - conditional value|^2 of a network that predicts `of`: shaped as t. It changes what is
/// learnt well, not what is learnt.
/// Law: >= 0, and finite at both ends of time.
class LossWeighting {
 public:
  virtual ~LossWeighting() = default;
  virtual Tensor at(const GaussianCoefficients& c, Prediction of) const = 0;
};

}  // namespace genmatch
