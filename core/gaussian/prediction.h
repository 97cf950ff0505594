#pragma once
// The five things a network may predict about x_t = alpha x1 + sigma eps, and how one follows from another.
#include <string>
#include <vector>

#include "core/gaussian/gaussian_schedule.h"

namespace genmatch {

enum class Prediction {
  velocity,  ///< u = alpha' x1 + sigma' eps
  data,      ///< x1
  noise,     ///< eps
  score,     ///< grad ln p_t = -eps / sigma
  v          ///< alpha eps - sigma x1 (Salimans & Ho 2022)
};
Prediction prediction_named(const std::string& name);
std::vector<std::string> prediction_names();

/// wanted = of_x x + of_value given, both shaped as t.
struct Conversion {
  Tensor of_x, of_value;
};
/// From what is given to what is wanted, at the coefficients of one time per row. Finite at both ends of time: a
/// sigma or alpha that is divided by is kept_from_zero.
Conversion conversion(Prediction given, Prediction wanted, const GaussianCoefficients& c);

/// The conversion applied to points x and values [..., *event]; the coefficients are broadcast over the event.
Tensor convert(Prediction given, Prediction wanted, const GaussianCoefficients& c, const Tensor& x,
               const Tensor& value);

/// The conditional value of a prediction, given the data x1 and the noise eps.
Tensor conditional(Prediction wanted, const GaussianCoefficients& c, const Tensor& x1, const Tensor& eps);

}  // namespace genmatch
