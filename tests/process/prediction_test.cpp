#include "core/gaussian/prediction.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/path.h"
#include "tests/conformance/gaussian_factors.h"

namespace genmatch {
namespace {

std::vector<Prediction> all() {
  std::vector<Prediction> list;
  for (const std::string& name : prediction_names()) list.push_back(prediction_named(name));
  return list;
}

struct Points {
  Tensor t, x1, eps, x;
  GaussianCoefficients c;
};

Points points(const Named& named, at::ScalarType dtype) {
  Rng rng(9, "prediction_test");
  Points p;
  p.t = at::linspace(0.05, 0.95, 40, dtype);
  p.x1 = rng.normal({40, 3}, dtype);
  p.eps = rng.normal({40, 3}, dtype);
  p.c = gaussian_factor(named, "velocity").path->gaussian()->at(p.t);
  p.x = p.c.alpha.unsqueeze(1) * p.x1 + p.c.sigma.unsqueeze(1) * p.eps;
  return p;
}

double relative(const Tensor& a, const Tensor& b) { return ((a - b).abs() / (1 + b.abs())).max().item<double>(); }

TEST(Prediction, NamesAreThoseOfTheEnumeration) {
  EXPECT_EQ(prediction_named("velocity"), Prediction::velocity);
  EXPECT_EQ(prediction_named("score"), Prediction::score);
  EXPECT_EQ(prediction_named("v"), Prediction::v);
  EXPECT_THROW(prediction_named("noises"), ContractError);
}

// What follows from the definition of the path: x1 is the data, its derivative in time the velocity.
TEST(Prediction, ConditionalValuesAreWhatTheirNamesSay) {
  for (const Named& named : gaussian_schedules) {
    const Points p = points(named, at::kDouble);
    EXPECT_TRUE(conditional(Prediction::data, p.c, p.x1, p.eps).equal(p.x1));
    EXPECT_TRUE(conditional(Prediction::noise, p.c, p.x1, p.eps).equal(p.eps));
    const double h = 1e-6;
    const auto at_time = [&](double shift) {
      const GaussianCoefficients c = gaussian_factor(named, "velocity").path->gaussian()->at(p.t + shift);
      return c.alpha.unsqueeze(1) * p.x1 + c.sigma.unsqueeze(1) * p.eps;
    };
    EXPECT_LT(relative(conditional(Prediction::velocity, p.c, p.x1, p.eps), (at_time(h) - at_time(-h)) / (2 * h)),
              1e-6);
    const Factor factor = gaussian_factor(named, "velocity", 3);
    const Tensor x = p.x.detach().clone().requires_grad_(true);
    factor.path->log_density(x, p.t, p.x1).sum().backward();
    EXPECT_LT(relative(conditional(Prediction::score, p.c, p.x1, p.eps), x.grad()), 1e-9) << named.schedule;
  }
}

TEST(Prediction, EachFollowsFromEachOther) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    // In float the data behind alpha = 0.0006 (sub_vp at t = 0.05) and the noise below sigma = 0.02 keep 3 digits.
    const double bound = dtype == at::kDouble ? 1e-9 : 3e-3;
    for (const Named& named : gaussian_schedules) {
      const Points p = points(named, dtype);
      for (const Prediction given : all())
        for (const Prediction wanted : all()) {
          const Tensor value = conditional(given, p.c, p.x1, p.eps), expected = conditional(wanted, p.c, p.x1, p.eps);
          const Tensor converted = convert(given, wanted, p.c, p.x, value);
          EXPECT_LT(relative(converted, expected), bound)
              << named.schedule << ": " << prediction_names()[static_cast<std::size_t>(given)] << " to "
              << prediction_names()[static_cast<std::size_t>(wanted)];
          EXPECT_LT(relative(convert(wanted, given, p.c, p.x, converted), value), bound) << "and back";
        }
    }
  }
}

TEST(Prediction, FiniteAtBothEnds) {
  for (const auto dtype : {at::kFloat, at::kDouble})
    for (const Named& named : gaussian_schedules) {
      const Tensor t = at::tensor({0.0, 1e-7, 1 - 1e-7, 1.0}, dtype);
      const GaussianCoefficients c = gaussian_factor(named, "velocity").path->gaussian()->at(t);
      for (const Prediction given : all())
        for (const Prediction wanted : all()) {
          const Conversion k = conversion(given, wanted, c);
          EXPECT_TRUE(k.of_x.isfinite().all().item<bool>() && k.of_value.isfinite().all().item<bool>())
              << named.schedule;
          EXPECT_EQ(k.of_value.scalar_type(), dtype);
        }
    }
}

TEST(Prediction, TimesMayStandInSeveralDimensions) {
  const Points p = points(gaussian_schedules[0], at::kDouble);
  const auto folded = [](const Tensor& x) { return x.view({8, 5, 3}); };
  const GaussianCoefficients c =
      gaussian_factor(gaussian_schedules[0], "velocity").path->gaussian()->at(p.t.view({8, 5}));
  const Tensor flat = convert(Prediction::noise, Prediction::velocity, p.c, p.x, p.eps);
  EXPECT_TRUE(convert(Prediction::noise, Prediction::velocity, c, folded(p.x), folded(p.eps)).equal(folded(flat)));
}

}  // namespace
}  // namespace genmatch
