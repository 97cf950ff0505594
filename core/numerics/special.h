#pragma once
// Special functions of statistics, in double precision.
#include "core/tensor.h"

namespace genmatch {

constexpr double kLogTwoPi = 1.83787706640934548356;

/// ln I_nu(x), the modified Bessel function of the first kind, for nu >= 0 and x >= 0 of any size (tested to 1e6);
/// -inf where I_nu(x) = 0. ContractError outside that range. The scaled one is ln(e^{-x} I_nu(x)).
double log_bessel_i(double nu, double x);
double log_bessel_i_scaled(double nu, double x);

/// ln of the area of the unit sphere S^n in R^{n+1}, n >= 0: ln 2 + (n+1)/2 ln pi - ln Gamma((n+1)/2).
double log_sphere_area(int64_t n);

/// ln of the von Mises–Fisher density on S^n at its mean, with respect to area (Mardia & Jupp 2000, eq. 9.3.4): the
/// density at y is exp(peak - concentration (1 - <mean, y>)). n >= 1, concentration >= 0. With n = 1 the von Mises
/// density of an angle.
double log_von_mises_fisher_peak(int64_t n, double concentration);

/// ln of the wrapped normal density with mean 0 of each angle in [-pi, pi]: sum_k N(angle + 2 pi k; 0, scale^2).
Tensor log_wrapped_normal(const Tensor& angle, double scale);

}  // namespace genmatch
