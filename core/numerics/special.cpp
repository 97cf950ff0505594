#include "core/numerics/special.h"

#include <fmt/format.h>

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// The power series (DLMF 10.25.2). All terms are positive and their sum is below e^x, so x <= 700 cannot overflow.
double power_series(double nu, double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > sum * std::numeric_limits<double>::epsilon() / 8; ++k) {
    term *= 0.25 * x * x / (k * (nu + k));
    sum += term;
  }
  return nu * std::log(0.5 * x) - boost::math::lgamma(nu + 1) + std::log(sum);
}

/// ln(e^{-x} I_nu(x)) by Debye's expansion (DLMF 10.41.3), written in p = 1/sqrt(nu^2 + x^2) so that it holds down to
/// nu = 0, where it is Hankel's. The error is of order p^5.
double debye(double nu, double x) {
  const double root = std::hypot(nu, x), p = 1 / root, t = nu * p, s = t * t;
  const double u1 = (3 - 5 * s) / 24;
  const double u2 = (81 + s * (-462 + 385 * s)) / 1152;
  const double u3 = (30375 + s * (-369603 + s * (765765 - 425425 * s))) / 414720;
  const double u4 = (4465125 + s * (-94121676 + s * (349922430 + s * (-446185740 + 185910725 * s)))) / 39813120;
  const double correction = p * (u1 + p * (u2 + p * (u3 + p * u4)));
  const double exponent =
      nu * nu / (root + x) - nu * std::asinh(nu / x);  // sqrt(nu^2 + x^2) - x + nu ln(x / (nu + ...))
  return exponent - 0.5 * (kLogTwoPi + std::log(root)) + std::log1p(correction);
}

constexpr double kDebyeFrom = 600;

void require(bool ok, const char* function, const char* expected, double got) {
  if (!ok) throw ContractError(fmt::format("{}: {} expected, got {}", function, expected, got));
}

}  // namespace

double log_bessel_i_scaled(double nu, double x) {
  require(nu >= 0 && std::isfinite(nu), "log_bessel_i", "an order nu >= 0", nu);
  require(x >= 0 && std::isfinite(x), "log_bessel_i", "an argument x >= 0", x);
  if (x == 0) return nu == 0 ? 0 : -std::numeric_limits<double>::infinity();
  return x < kDebyeFrom && nu < kDebyeFrom ? power_series(nu, x) - x : debye(nu, x);
}

double log_bessel_i(double nu, double x) { return log_bessel_i_scaled(nu, x) + x; }

double log_sphere_area(int64_t n) {
  require(n >= 0, "log_sphere_area", "a dimension n >= 0", static_cast<double>(n));
  const double half = 0.5 * static_cast<double>(n + 1);
  return std::log(2) + half * std::log(kPi) - boost::math::lgamma(half);
}

double log_von_mises_fisher_peak(int64_t n, double concentration) {
  require(n >= 1, "log_von_mises_fisher_peak", "a dimension n >= 1", static_cast<double>(n));
  require(concentration >= 0 && std::isfinite(concentration), "log_von_mises_fisher_peak", "a concentration >= 0",
          concentration);
  if (concentration == 0) return -log_sphere_area(n);
  const double nu = 0.5 * static_cast<double>(n - 1);
  return nu * std::log(concentration) - (nu + 1) * kLogTwoPi - log_bessel_i_scaled(nu, concentration);
}

// A wide normal has too many images, but then its Fourier series converges at once (and the other way round).
Tensor log_wrapped_normal(const Tensor& angle, double scale) {
  require(scale > 0 && std::isfinite(scale), "log_wrapped_normal", "a scale > 0", scale);
  constexpr int kTerms = 6;
  if (scale > 2) {
    Tensor series = at::ones_like(angle);
    for (int m = 1; m <= kTerms; ++m) series = series + 2 * std::exp(-0.5 * m * m * scale * scale) * (m * angle).cos();
    return series.log() - kLogTwoPi;
  }
  std::vector<Tensor> images;
  for (int k = -kTerms; k <= kTerms; ++k) images.push_back((angle + 2 * kPi * k).square() * (-0.5 / (scale * scale)));
  return at::logsumexp(at::stack(images), 0) - std::log(scale) - 0.5 * kLogTwoPi;
}

}  // namespace genmatch
