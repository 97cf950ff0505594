#include "core/gaussian/prediction.h"

#include <algorithm>

#include "core/errors.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// value = of_data x1 + of_noise eps
struct Mixture {
  Tensor of_data, of_noise;
};

Mixture mixture(Prediction wanted, const GaussianCoefficients& c) {
  const Tensor zero = at::zeros_like(c.alpha), one = at::ones_like(c.alpha);
  switch (wanted) {
    case Prediction::velocity:
      return {c.alpha_derivative, c.sigma_derivative};
    case Prediction::data:
      return {one, zero};
    case Prediction::noise:
      return {zero, one};
    case Prediction::score:
      return {zero, -1 / keep_from_zero(c.sigma)};
    case Prediction::v:
      return {-c.sigma, c.alpha};
  }
  throw ContractError("prediction: a value outside of the enumeration");
}

// What x and a value say about the data and the noise.
struct Ends {
  Conversion data, noise;
};

Ends ends(Prediction given, const GaussianCoefficients& c) {
  const Tensor zero = at::zeros_like(c.alpha), one = at::ones_like(c.alpha);
  switch (given) {
    case Prediction::velocity: {
      const Tensor determinant = keep_from_zero(c.sigma * c.alpha_derivative - c.alpha * c.sigma_derivative);
      return {{-c.sigma_derivative / determinant, c.sigma / determinant},
              {c.alpha_derivative / determinant, -c.alpha / determinant}};
    }
    case Prediction::data: {
      const Tensor sigma = keep_from_zero(c.sigma);
      return {{zero, one}, {1 / sigma, -c.alpha / sigma}};
    }
    case Prediction::noise: {
      const Tensor alpha = keep_from_zero(c.alpha);
      return {{1 / alpha, -c.sigma / alpha}, {zero, one}};
    }
    case Prediction::score: {
      const Tensor alpha = keep_from_zero(c.alpha);
      return {{1 / alpha, c.sigma.square() / alpha}, {zero, -c.sigma}};
    }
    case Prediction::v: {
      const Tensor squares = c.alpha.square() + c.sigma.square();
      return {{c.alpha / squares, -c.sigma / squares}, {c.sigma / squares, c.alpha / squares}};
    }
  }
  throw ContractError("prediction: a value outside of the enumeration");
}

}  // namespace

std::vector<std::string> prediction_names() { return {"velocity", "data", "noise", "score", "v"}; }

Prediction prediction_named(const std::string& name) {
  const std::vector<std::string> names = prediction_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw ContractError("prediction_named: \"" + name + "\" is none");
  return static_cast<Prediction>(found - names.begin());
}

Conversion conversion(Prediction given, Prediction wanted, const GaussianCoefficients& c) {
  if (given == wanted) return {at::zeros_like(c.alpha), at::ones_like(c.alpha)};
  const Mixture m = mixture(wanted, c);
  const Ends e = ends(given, c);
  return {m.of_data * e.data.of_x + m.of_noise * e.noise.of_x,
          m.of_data * e.data.of_value + m.of_noise * e.noise.of_value};
}

Tensor convert(Prediction given, Prediction wanted, const GaussianCoefficients& c, const Tensor& x,
               const Tensor& value) {
  if (given == wanted) return value;
  const Conversion k = conversion(given, wanted, c);
  return over_event(k.of_x, x) * x + over_event(k.of_value, x) * value;
}

Tensor conditional(Prediction wanted, const GaussianCoefficients& c, const Tensor& x1, const Tensor& eps) {
  const Mixture m = mixture(wanted, c);
  return over_event(m.of_data, x1) * x1 + over_event(m.of_noise, eps) * eps;
}

}  // namespace genmatch
