#pragma once
// How much noise a process of given marginals runs with. Any g(t) >= 0 has the same marginals (Song et al. 2021).
#include "core/config/choice.h"
#include "core/gaussian/gaussian_schedule.h"

namespace genmatch {

/// g(t) of dX = (u + 1/2 g^2 s) dt + g dW.
/// Laws (tests/gaussian/diffused_test.cpp): 1. g^2 >= 0 and finite on [0, 1]; 2. so is g^2 / sigma wherever sigma is
/// kept from zero, for those that fade with sigma.
class DiffusionCoefficient {
 public:
  virtual ~DiffusionCoefficient() = default;
  /// g^2 at the times t [B], where the schedule's coefficients are c: [B], per unit time.
  virtual Tensor squared(const Tensor& t, const GaussianCoefficients& c) const = 0;
};

/// g = scale sigma(t): fades as the data are reached.
std::shared_ptr<const DiffusionCoefficient> sigma_coefficient(double scale);

}  // namespace genmatch
