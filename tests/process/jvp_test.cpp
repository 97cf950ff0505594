#include "core/process/jvp.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/generator.h"

namespace genmatch {
namespace {

Tensor ramp(at::IntArrayRef shape, double start) {
  return (at::arange(c10::multiply_integers(shape), at::kDouble) * 0.17 + start).reshape(shape);
}

// Two outputs that mix two inputs, row by row.
std::vector<Tensor> mixed(const State& x) { return {x[0].sin() * x[1].sum(1, true), (x[0].sum(1, true) * x[1]).exp()}; }

TEST(Jvp, AgreesWithCentralDifferences) {
  const State x{ramp({4, 2}, -0.3), ramp({4, 3}, -1)};
  const State z{ramp({3, 4, 2}, -2), ramp({3, 4, 3}, -3)};
  const Jvp result = jvp(mixed, x, z);
  const double h = 1e-5;  // truncation and rounding both below 1e-8 here
  for (int64_t k = 0; k < 3; ++k) {
    const auto up = mixed({x[0] + h * z[0][k], x[1] + h * z[1][k]});
    const auto down = mixed({x[0] - h * z[0][k], x[1] - h * z[1][k]});
    for (std::size_t j = 0; j < 2; ++j) {
      EXPECT_TRUE(at::allclose(result.derivative[j][k], (up[j] - down[j]) / (2 * h), 1e-7, 1e-8));
    }
  }
  const auto value = mixed(x);
  EXPECT_TRUE(result.value[0].equal(value[0]) && result.value[1].equal(value[1]));
}

TEST(Jvp, WorksWhileNothingIsRecordedAndLeavesNoGraph) {
  const at::NoGradGuard guard;
  const Jvp result = jvp([](const State& x) { return std::vector<Tensor>{x[0].square()}; }, {ramp({2, 1}, 1)},
                         {at::ones({1, 2, 1}, at::kDouble)});
  EXPECT_TRUE(at::allclose(result.derivative[0][0], 2 * ramp({2, 1}, 1)));
  EXPECT_FALSE(result.value[0].requires_grad());
  EXPECT_FALSE(result.derivative[0].requires_grad());
  EXPECT_FALSE(at::GradMode::is_enabled());
}

TEST(Jvp, ConstantLinearAndAbsentOutputs) {
  const Tensor parameter = ramp({2, 2}, 5).requires_grad_(true);
  const Jvp result = jvp(
      [&](const State& x) {
        return std::vector<Tensor>{at::ones({3}, at::kDouble), parameter * 2, x[0].matmul(parameter), Tensor()};
      },
      {ramp({2, 2}, 0)}, {ramp({1, 2, 2}, 1)});
  EXPECT_TRUE(result.derivative[0].equal(at::zeros({1, 3}, at::kDouble)));
  EXPECT_TRUE(result.derivative[1].equal(at::zeros({1, 2, 2}, at::kDouble)));
  EXPECT_TRUE(at::allclose(result.derivative[2], ramp({1, 2, 2}, 1).matmul(parameter.detach())));
  EXPECT_FALSE(result.value[3].defined() || result.derivative[3].defined());
}

TEST(Jvp, EmptyBatchesAndNoDirections) {
  const Jvp none = jvp(mixed, {ramp({0, 2}, 0), ramp({0, 3}, 0)}, {ramp({2, 0, 2}, 0), ramp({2, 0, 3}, 0)});
  EXPECT_EQ(none.derivative[1].sizes(), at::IntArrayRef({2, 0, 3}));
  const Jvp still = jvp(mixed, {ramp({4, 2}, 0), ramp({4, 3}, 0)}, {ramp({0, 4, 2}, 0), ramp({0, 4, 3}, 0)});
  EXPECT_EQ(still.derivative[0].sizes(), at::IntArrayRef({0, 4, 2}));
}

TEST(Jvp, RefusesMissingDirections) { EXPECT_THROW(jvp(mixed, {ramp({4, 2}, 0)}, {}), ContractError); }

// dx = A x on R^2 for one factor; the second factor has no drift.
class Rotation final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    const Tensor a = at::tensor({0.0, -1.0, 1.0, 0.0}, x[0].options()).reshape({2, 2});
    return {{(1 + t).unsqueeze(1) * x[0].matmul(a.t()), {}, {}, {}}, {{}, t, {}, {}}};
  }
};

TEST(Generator, AlongOfALinearDriftIsTheDriftOfTheDirection) {
  const Rotation rotation;
  const State x{ramp({3, 2}, 0), ramp({3, 1}, 0)}, z{ramp({2, 3, 2}, -1), ramp({2, 3, 1}, 4)};
  const Tensor t = ramp({3}, 0);
  const Linearised result = rotation.along(x, t, z);
  for (int64_t k = 0; k < 2; ++k) {
    EXPECT_TRUE(at::allclose(result.derivative[0][k], rotation.at({z[0][k], x[1]}, t)[0].drift));
  }
  EXPECT_FALSE(result.derivative[1].defined());
  EXPECT_TRUE(result.value[1].variance.equal(t));
  EXPECT_FALSE(result.value[0].drift.requires_grad());
}

TEST(Superposition, IsTheSumOfItsTerms) {
  const auto rotation = std::make_shared<Rotation>();
  const Superposition back(std::vector<std::pair<double, GeneratorPtr>>{{2.5, rotation}, {-0.5, rotation}});
  const State x{ramp({3, 2}, 0), ramp({3, 1}, 0)}, z{ramp({2, 3, 2}, -1), ramp({2, 3, 1}, 4)};
  const Tensor t = ramp({3}, 0);
  EXPECT_TRUE(at::allclose(back.at(x, t)[0].drift, 2 * rotation->at(x, t)[0].drift));
  EXPECT_TRUE(at::allclose(back.at(x, t)[1].variance, 2 * t));
  const Linearised one = rotation->along(x, t, z), two = back.along(x, t, z);
  EXPECT_TRUE(at::allclose(two.derivative[0], 2 * one.derivative[0]));
  EXPECT_TRUE(at::allclose(two.value[0].drift, 2 * one.value[0].drift));
  EXPECT_FALSE(two.derivative[1].defined());
}

class OneFactor final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor&) const override { return {{x[0], {}, {}, {}}}; }
};

TEST(Superposition, RefusesNothingAndWhatDoesNotFit) {
  EXPECT_THROW(Superposition({}), ContractError);
  EXPECT_THROW(Superposition({{1.0, nullptr}}), ContractError);
  const Superposition unlike({{1.0, std::make_shared<Rotation>()}, {1.0, std::make_shared<OneFactor>()}});
  EXPECT_THROW(unlike.at({ramp({3, 2}, 0), ramp({3, 1}, 0)}, ramp({3}, 0)), ContractError);
}

}  // namespace
}  // namespace genmatch
