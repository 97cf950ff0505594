#include "core/learn/activation.h"

#include <gtest/gtest.h>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using learn_test::difference;

class ActivationLaws : public testing::TestWithParam<std::string> {
 protected:
  const Activation& phi = activation(GetParam());
  // Both signs, the middle, and far out, but not selu's kink at 0.
  Tensor z = at::cat({at::linspace(-9.7, 9.6, 40, at::kDouble), at::tensor({-60.0, 45.0, 80.0}, at::kDouble)});
};

TEST_P(ActivationLaws, SlopeIsTheDerivative) {
  const double h = 1e-5;
  const Tensor numeric = (phi.value(z + h) - phi.value(z - h)) / (2 * h);
  EXPECT_LT(difference(phi.slope(z, phi.value(z)), numeric), 1e-8);
}

TEST_P(ActivationLaws, BackwardIsGradientTimesSlope) {
  const Tensor gradient = at::linspace(-2, 3, z.numel(), at::kDouble);
  EXPECT_LT(difference(phi.backward(gradient, z), gradient * phi.slope(z, phi.value(z))), 1e-13);
}

TEST_P(ActivationLaws, ApplyIsValueInPlace) {
  Tensor copy = z.clone();
  phi.apply(copy);
  EXPECT_EQ(difference(copy, phi.value(z)), 0);
}

TEST_P(ActivationLaws, FiniteInFloat) {
  const Tensor far = at::tensor({-1e4f, -90.f, 0.f, 90.f, 1e4f});
  EXPECT_TRUE(phi.value(far).isfinite().all().item<bool>());
  EXPECT_TRUE(phi.slope(far, phi.value(far)).isfinite().all().item<bool>());
}

TEST_P(ActivationLaws, GainKeepsTheSecondMoment) {
  const auto integrand = [&](double x) {
    const double value = phi.value(at::full({}, x, at::kDouble)).item<double>();
    return value * value * std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
  };
  // Split at the kink.
  using Rule = boost::math::quadrature::gauss_kronrod<double, 31>;
  const double moment =
      Rule::integrate(integrand, -10.0, 0.0, 4, 1e-9) + Rule::integrate(integrand, 0.0, 10.0, 4, 1e-9);
  EXPECT_NEAR(phi.gain() * phi.gain() * moment, 1, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(All, ActivationLaws, testing::ValuesIn(activation_names()),
                         [](const auto& info) { return info.param; });

TEST(Activation, KnownValues) {
  const auto at_one = [](const char* name) { return activation(name).value(at::ones({}, at::kDouble)).item<double>(); };
  EXPECT_NEAR(at_one("silu"), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(at_one("selu"), 1.0507009873554805, 1e-15);
  EXPECT_NEAR(at_one("tanh"), 0.7615941559557649, 1e-15);
  EXPECT_NEAR(at_one("sin"), 0.8414709848078965, 1e-15);
  EXPECT_NEAR(at_one("softplus"), 1.3132616875182228, 1e-15);
  EXPECT_THROW(activation("relu7"), ContractError);
}

}  // namespace
}  // namespace genmatch
