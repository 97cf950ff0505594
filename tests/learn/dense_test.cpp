#include "core/learn/dense.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/errors.h"
#include "core/learn/parameters.h"
#include "core/ops.h"
#include "core/process/jvp.h"
#include "core/rng.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using learn_test::difference;

struct Net {
  Parameters parameters;
  DenseStack stack;
};

// Three hidden layers 5 -> 7 -> 7 -> 7 -> 3 with every weight, bias and gain away from special values.
Net net(const std::string& name, bool normalise, bool residual, at::ScalarType dtype) {
  Rng rng(1, "dense_test");
  std::vector<std::pair<std::string, Tensor>> initial;
  const std::vector<int64_t> widths{5, 7, 7, 7, 3};
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    const std::string id = std::to_string(i);
    initial.emplace_back("w" + id, 0.5 * rng.normal({widths[i], widths[i + 1]}, dtype));
    initial.emplace_back("b" + id, 0.5 * rng.normal({widths[i + 1]}, dtype));
    initial.emplace_back("g" + id, 1 + 0.3 * rng.normal({widths[i + 1]}, dtype));
  }
  Net result{Parameters(initial), {}};
  std::vector<DenseLayer> layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    const std::string id = std::to_string(i);
    const bool hidden = i + 2 < widths.size();
    layers.push_back({result.parameters["w" + id], result.parameters["b" + id],
                      hidden && normalise ? result.parameters["g" + id] : Tensor(),
                      hidden ? &activation(name) : nullptr, hidden && residual && i > 0});
  }
  result.stack = DenseStack(layers);
  return result;
}

struct Case {
  std::string activation;
  bool normalise, residual;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.activation << (c.normalise ? "_normalised" : "") << (c.residual ? "_residual" : "");
}

class DensePasses : public testing::TestWithParam<Case> {
 protected:
  Net make(at::ScalarType dtype = at::kDouble) const {
    return net(GetParam().activation, GetParam().normalise, GetParam().residual, dtype);
  }
  static Tensor input(int64_t rows, at::ScalarType dtype = at::kDouble) {
    return Rng(2, "input").normal({rows, 5}, dtype);
  }
};

// Gradient of a nonlinear function of the output with respect to all parameters.
Tensor gradient(Net& n, const Tensor& input) {
  n.parameters.zero_gradients();
  const Tensor output = n.stack.forward(input);
  torch::autograd::backward({(output.square() * at::arange(1, 4, output.options())).sum()});
  return n.parameters.gradients().clone();
}

TEST_P(DensePasses, HandWrittenGradientEqualsAutograd) {
  for (const auto& [dtype, tolerance] : {std::pair{at::kDouble, 1e-12}, std::pair{at::kFloat, 1e-5}}) {
    Net n = make(dtype);
    const Tensor by_hand = gradient(n, input(6, dtype));
    const Tensor by_autograd = gradient(n, input(6, dtype).requires_grad_(true));
    EXPECT_LT(difference(by_hand, by_autograd), tolerance * by_autograd.abs().max().item<double>());
    EXPECT_GT(by_autograd.abs().max().item<double>(), 0);
  }
}

TEST_P(DensePasses, GradientIsTheDerivativeOfTheLoss) {
  Net n = make();
  const Tensor direction = Rng(3, "direction").normal({n.parameters.size()}, at::kDouble);
  const double along = gradient(n, input(6)).dot(direction).item<double>();
  const auto loss = [&](double step) {
    at::NoGradGuard no_grad;
    const Tensor at_start = n.parameters.values().clone();
    n.parameters.values().add_(direction, step);
    const Tensor output = n.stack.forward(input(6));
    n.parameters.assign(at_start);
    return (output.square() * at::arange(1, 4, output.options())).sum().item<double>();
  };
  const double h = 1e-6;
  EXPECT_NEAR(along, (loss(h) - loss(-h)) / (2 * h), 1e-6 * std::abs(along) + 1e-7);
}

TEST_P(DensePasses, AllForwardsAgree) {
  Net n = make();
  const Tensor recorded = n.stack.forward(input(6).requires_grad_(true));
  const Tensor node = n.stack.forward(input(6));
  EXPECT_TRUE(node.requires_grad());
  EXPECT_LT(difference(node, recorded), 1e-13);
  at::NoGradGuard no_grad;
  const Tensor plain = n.stack.forward(input(6));
  EXPECT_FALSE(plain.requires_grad());
  EXPECT_LT(difference(plain, recorded), 1e-13);
}

TEST_P(DensePasses, JvpEqualsAutograd) {
  Net n = make();
  const Tensor tangents = Rng(4, "tangents").normal({3, 6, 5}, at::kDouble);
  const auto [value, derivative] = n.stack.jvp(input(6), tangents);
  const Jvp expected = jvp([&](const State& x) { return State{n.stack.forward(x[0])}; }, {input(6)}, {tangents});
  EXPECT_LT(difference(value, expected.value[0]), 1e-13);
  EXPECT_LT(difference(derivative, expected.derivative[0]), 1e-12);
  EXPECT_FALSE(derivative.requires_grad());
}

TEST_P(DensePasses, EmptyBatch) {
  Net n = make();
  EXPECT_EQ(gradient(n, input(0)).abs().max().item<double>(), 0);
  const auto [value, derivative] = n.stack.jvp(input(0), at::zeros({2, 0, 5}, at::kDouble));
  EXPECT_EQ(value.sizes(), at::IntArrayRef({0, 3}));
  EXPECT_EQ(derivative.sizes(), at::IntArrayRef({2, 0, 3}));
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::string& name : activation_names())
    for (const bool normalise : {false, true})
      for (const bool residual : {false, true}) cases.push_back({name, normalise, residual});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(All, DensePasses, testing::ValuesIn(all_cases()), testing::PrintToStringParamName());

TEST(DenseStack, RefusesWhatWouldGiveAWrongGradient) {
  Net n = net("silu", false, false, at::kDouble);
  const Tensor x = Rng(5, "input").normal({4, 5}, at::kDouble);

  Tensor loss = n.stack.forward(x).sum();
  EXPECT_THROW(torch::autograd::grad({loss}, {n.parameters["w0"]}, {}, true, /*create_graph=*/true), ContractError);

  loss = n.stack.forward(x).sum();
  n.parameters.values().add_(1);
  EXPECT_THROW(torch::autograd::backward({loss}), ContractError);

  loss = n.stack.forward(x).sum();
  torch::autograd::backward({loss});
  EXPECT_THROW(torch::autograd::backward({loss}), ContractError);

  loss = n.stack.forward(x).sum();
  torch::autograd::backward({loss}, {}, /*retain_graph=*/true);
  torch::autograd::backward({loss});
}

TEST(DenseStack, NormalisedRowsHaveMeanZeroAndVarianceOne) {
  const auto like = at::TensorOptions(at::kDouble);
  const DenseStack stack({{at::eye(6, like), at::zeros({6}, like), at::ones({6}, like), nullptr, false}});
  const Tensor rows = stack.forward(5 + 3 * Rng(6, "rows").normal({8, 6}, like));
  EXPECT_LT(rows.mean(1).abs().max().item<double>(), 1e-13);
  EXPECT_LT((rows.square().mean(1) - 1).abs().max().item<double>(), 1e-4) << "epsilon shrinks it slightly";
}

}  // namespace
}  // namespace genmatch
