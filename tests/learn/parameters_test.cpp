#include "core/learn/parameters.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

Parameters example() {
  const auto like = at::TensorOptions(at::kDouble);
  return Parameters({{"a", at::arange(6, like).view({2, 3})}, {"b", at::ones({4}, like)}, {"c", at::zeros({}, like)}});
}

TEST(Parameters, KeepTheOrderAndShapesGiven) {
  const Parameters p = example();
  EXPECT_EQ(p.size(), 11);
  EXPECT_EQ(p["a"].sizes(), at::IntArrayRef({2, 3}));
  EXPECT_EQ(p["c"].dim(), 0);
  EXPECT_EQ(p.values()[7].item<double>(), 1);
  EXPECT_EQ(p["a"][1][2].item<double>(), 5);
}

TEST(Parameters, LeavesSeeChangesOfTheBuffer) {
  Parameters p = example();
  p.values().mul_(2);
  EXPECT_EQ(p["a"][1][2].item<double>(), 10);
  p.assign(at::full({11}, 3.0, at::kDouble));
  EXPECT_TRUE((p["b"] == 3).all().item<bool>());
  EXPECT_TRUE(p["b"].is_leaf() && p["b"].requires_grad());
}

TEST(Parameters, BackwardAddsToTheBufferForEver) {
  Parameters p = example();
  for (int pass = 1; pass <= 4; ++pass) {
    const Tensor loss = (p["a"] * p["a"]).sum() + 5 * p["b"].sum() + p["c"];
    torch::autograd::backward({loss});
    const Tensor expected =
        pass * at::cat({2 * at::arange(6, at::kDouble), at::full({4}, 5.0, at::kDouble), at::ones({1}, at::kDouble)});
    EXPECT_TRUE(at::equal(p.gradients(), expected)) << "pass " << pass;
  }
  p.zero_gradients();
  EXPECT_EQ(p.gradients().abs().sum().item<double>(), 0);
  torch::autograd::backward({p["c"] * 7});
  EXPECT_EQ(p.gradients()[10].item<double>(), 7) << "still attached after zero_gradients";
}

TEST(Parameters, CopiesShareTheirNumbers) {
  const Parameters p = example();
  const Parameters copy = p;
  p.values().zero_();
  EXPECT_EQ(copy["a"].abs().sum().item<double>(), 0);
}

TEST(Parameters, RefusesWhatDoesNotFit) {
  Parameters p = example();
  EXPECT_THROW(p["nobody"], ContractError);
  EXPECT_THROW(p.assign(at::zeros({10}, at::kDouble)), ContractError);
  EXPECT_THROW(p.assign(Tensor()), ContractError);
  EXPECT_THROW(Parameters({{"a", at::zeros({1})}, {"a", at::zeros({1})}}), ContractError);
}

TEST(Parameters, NoneAtAll) {
  Parameters p;
  EXPECT_EQ(p.size(), 0);
  p.zero_gradients();
}

}  // namespace
}  // namespace genmatch
