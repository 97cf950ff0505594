#pragma once
// Affine Gaussian paths x_t = alpha(t) x1 + sigma(t) eps with eps ~ N(0, I). Time runs from noise (t = 0) to data
// (t = 1) throughout; papers on diffusion run it the other way.
#include "core/tensor.h"

namespace genmatch {

/// The coefficients of the path at a batch of times and their time derivatives, each shaped as t.
struct GaussianCoefficients {
  Tensor alpha, sigma, alpha_derivative, sigma_derivative;
};

/// Laws (tests/conformance/gaussian_schedule_test.cpp):
///  1. the derivatives are those of alpha and sigma; both are >= 0, alpha does not fall, sigma does not rise;
///  2. alpha(1) = 1; sigma(1) is small; 3. log_snr rises strictly and time_of is its inverse;
///  4. all of it is finite on [0, 1] but for log_snr where sigma or alpha is zero.
class GaussianSchedule {
 public:
  virtual ~GaussianSchedule() = default;
  virtual GaussianCoefficients at(const Tensor& t) const = 0;
  /// ln(alpha^2 / sigma^2).
  Tensor log_snr(const Tensor& t) const;
  /// The time in [0, 1] at which log_snr is so large; beyond its range the nearer end. The default bisects in double.
  virtual Tensor time_of(const Tensor& log_snr) const;
};

/// g^2 of the diffusion that noises the data along a path, and of its reversal: 2 sigma^2 d/dt ln(alpha / sigma), where
/// rate is alpha' / alpha.
Tensor noising_variance(const Tensor& sigma, const Tensor& sigma_derivative, const Tensor& rate);

/// How far from zero sigma is kept where something is divided by it (t near 1), and alpha (t near 0): the same as
/// clamp_remainder's bound in core/process/path.h.
Tensor keep_from_zero(const Tensor& scale);

}  // namespace genmatch
