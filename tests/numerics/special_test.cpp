#include "core/numerics/special.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/special_functions/bessel.hpp>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double kPi = 3.14159265358979323846;

template <class F>
double integral(const F& f, double from, double to) {
  return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(f, from, to, 12, 1e-13);
}

TEST(LogBesselI, AgreesWithBoostWhereThatDoesNotOverflow) {
  for (const double nu : {0., 0.5, 1., 2.5, 3., 10., 40.})
    for (const double x : {1e-3, 0.1, 1., 7., 30., 200., 599., 650.}) {
      const double expected = std::log(boost::math::cyl_bessel_i(nu, x));
      EXPECT_NEAR(log_bessel_i(nu, x), expected, 1e-13 * (1 + std::abs(expected))) << nu << " " << x;
    }
}

TEST(LogBesselI, HalfIntegerOrdersAreElementary) {
  for (const double x : {1e-5, 0.5, 20., 599.9, 600.1, 1e4, 1e6}) {
    const double decay = std::exp(-2 * x), common = 0.5 * std::log(1 / (2 * kPi * x));
    EXPECT_NEAR(log_bessel_i_scaled(0.5, x), common + std::log(-std::expm1(-2 * x)), 1e-12) << x;
    const double three_halves = x < 1e-3 ? 2 * x * x / 3 : 1 + decay - (1 - decay) / x;  // cosh - sinh / x
    EXPECT_NEAR(log_bessel_i_scaled(1.5, x), common + std::log(three_halves), 2e-5 * (x < 1e-3) + 1e-12) << x;
  }
}

// I_n(x) = (1/pi) int_0^pi exp(x cos a) cos(n a) da for integer n; the substitution a = s / sqrt(x) keeps the peak
// wide.
TEST(LogBesselI, AgreesWithItsIntegralForLargeArguments) {
  for (const int n : {0, 1, 5, 20})
    for (const double x : {620., 5e3, 1e6}) {
      const auto integrand = [&](double s) {
        const double a = s / std::sqrt(x), half = std::sin(0.5 * a);
        return std::exp(-2 * x * half * half) * std::cos(n * a);
      };
      const double expected = std::log(integral(integrand, 0, 12) / (kPi * std::sqrt(x)));
      EXPECT_NEAR(log_bessel_i_scaled(n, x), expected, 1e-11) << n << " " << x;
    }
}

// I_{nu-1} - I_{nu+1} = (2 nu / x) I_nu, across every change of method.
TEST(LogBesselI, Recurrence) {
  for (const double nu : {1., 2.25, 30., 598.5, 599.5, 600.5, 1e3, 1e4})
    for (const double x : {1e-3, 1., 100., 598., 602., 1e4, 1e6}) {
      const double middle = log_bessel_i_scaled(nu, x), scale = 2 * nu / x;
      const double left =
          std::exp(log_bessel_i_scaled(nu - 1, x) - middle) - std::exp(log_bessel_i_scaled(nu + 1, x) - middle);
      EXPECT_NEAR(left, scale, 1e-10 * std::max(1., scale)) << nu << " " << x;
    }
}

TEST(LogBesselI, AtZeroAndOutOfRange) {
  EXPECT_EQ(log_bessel_i(0, 0), 0);
  EXPECT_EQ(log_bessel_i(2, 0), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isfinite(log_bessel_i(500, 1e-3)));  // I itself underflows
  EXPECT_THROW(log_bessel_i(-1, 1), ContractError);
  EXPECT_THROW(log_bessel_i(1, -1), ContractError);
  EXPECT_THROW(log_bessel_i(1, std::nan("")), ContractError);
}

TEST(LogSphereArea, KnownAreas) {
  EXPECT_NEAR(std::exp(log_sphere_area(0)), 2, 1e-14);
  EXPECT_NEAR(std::exp(log_sphere_area(1)), 2 * kPi, 1e-14);
  EXPECT_NEAR(std::exp(log_sphere_area(2)), 4 * kPi, 1e-14);
  EXPECT_NEAR(std::exp(log_sphere_area(3)), 2 * kPi * kPi, 1e-13);
  for (int n = 1; n < 40; ++n) {  // slices of latitude
    const double slices = integral([n](double a) { return std::pow(std::sin(a), n - 1); }, 0, kPi);
    EXPECT_NEAR(log_sphere_area(n), log_sphere_area(n - 1) + std::log(slices), 1e-12) << n;
  }
}

TEST(VonMisesFisherPeak, DensityIntegratesToOne) {
  for (const int n : {1, 2, 3, 7, 50})
    for (const double k : {0., 1e-300, 1e-8, 1e-3, 1., 50., 590., 700., 1e6}) {
      const double peak = log_von_mises_fisher_peak(n, k);
      const auto slice = [&](double a) {
        const double half = std::sin(0.5 * a);
        return std::exp(peak - 2 * k * half * half + log_sphere_area(n - 1) + (n - 1) * std::log(std::sin(a)));
      };
      const double reach = std::min(kPi, (12 + std::sqrt(double(n))) / std::sqrt(k));
      EXPECT_NEAR(integral(slice, 0, reach), 1, 1e-9) << n << " " << k;
    }
}

TEST(VonMisesFisherPeak, KnownAnswers) {
  EXPECT_NEAR(log_von_mises_fisher_peak(2, 3), std::log(3 / (4 * kPi * std::sinh(3.))) + 3, 1e-13);
  EXPECT_NEAR(log_von_mises_fisher_peak(1, 2), 2 - std::log(2 * kPi * 2.2795853023360673), 1e-13);  // I_0(2)
  EXPECT_THROW(log_von_mises_fisher_peak(0, 1), ContractError);
  EXPECT_THROW(log_von_mises_fisher_peak(2, -1), ContractError);
}

TEST(LogWrappedNormal, SumsTheImages) {
  for (const double scale : {0.05, 0.5, 1.99, 2.01, 6., 40.}) {
    const boost::math::normal normal(0, scale);
    for (const double angle : {-kPi, -1., 0., 0.3, 3.1}) {
      double images = 0;
      for (int k = -200; k <= 200; ++k) images += pdf(normal, angle + 2 * kPi * k);
      if (images == 0) continue;  // log_wrapped_normal still knows it; see below
      EXPECT_NEAR(log_wrapped_normal(at::full({1}, angle, at::kDouble), scale).item<double>(), std::log(images),
                  1e-12 * (1 + std::abs(std::log(images))))
          << scale << " " << angle;
    }
  }
  EXPECT_NEAR(log_wrapped_normal(at::full({1}, 2., at::kDouble), 1e-3).item<double>(),
              -2e6 - std::log(1e-3) - 0.5 * std::log(2 * kPi), 1e-7);
  EXPECT_THROW(log_wrapped_normal(at::zeros({1}), 0), ContractError);
}

}  // namespace
}  // namespace genmatch
