#include "core/process/coefficients.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// f(x) = |x|^2 in R^2: grad f = 2x, Laplacian 4.
Tensor norm2(const Tensor& x) { return x.square().sum(-1); }

// L f at x, straight from the definition of Coefficients.
Tensor apply(const Coefficients& c, const Tensor& x) {
  Tensor total = at::zeros({x.size(0)}, x.options());
  if (c.drift.defined()) total = total + (2 * x * c.drift).sum(-1);
  if (c.variance.defined()) total = total + 0.5 * c.variance * 4;
  if (c.rates.defined()) total = total + (c.rates * (norm2(c.destinations) - norm2(x).unsqueeze(1))).sum(1);
  return total;
}

Tensor ramp(at::IntArrayRef shape, double start) {
  return (at::arange(c10::multiply_integers(shape), at::kDouble) * 0.37 + start).reshape(shape);
}

class CoefficientsTest : public ::testing::Test {
 protected:
  const Tensor x = ramp({3, 2}, -1);
  const Coefficients flow{ramp({3, 2}, 0.2), {}, {}, {}};
  const Coefficients diffusion{ramp({3, 2}, -0.7), ramp({3}, 0.1), {}, {}};
  const Coefficients jump{{}, {}, ramp({3, 2}, 0.4), ramp({3, 2, 2}, -2)};
  const Coefficients all{ramp({3, 2}, 3), ramp({3}, 2), ramp({3, 4}, 1), ramp({3, 4, 2}, 0)};
};

TEST_F(CoefficientsTest, AddingAddsTheGenerators) {
  for (const Coefficients* a : {&flow, &diffusion, &jump, &all}) {
    for (const Coefficients* b : {&flow, &diffusion, &jump, &all}) {
      EXPECT_TRUE(at::allclose(apply(add(*a, *b), x), apply(*a, x) + apply(*b, x)));
    }
  }
}

TEST_F(CoefficientsTest, ScalingScalesTheGenerator) {
  const Tensor per_row = at::tensor({0.5, -2.0, 0.0}, at::kDouble);
  for (const Coefficients* c : {&flow, &diffusion, &jump, &all}) {
    EXPECT_TRUE(at::allclose(apply(scale(*c, -1.5), x), -1.5 * apply(*c, x)));
    EXPECT_TRUE(at::allclose(apply(scale(*c, at::scalar_tensor(2.5, at::kDouble)), x), 2.5 * apply(*c, x)));
    EXPECT_TRUE(at::allclose(apply(scale(*c, per_row), x), per_row * apply(*c, x)));
  }
}

TEST_F(CoefficientsTest, AbsentStaysAbsent) {
  const Coefficients sum = add(flow, Coefficients{});
  EXPECT_TRUE(sum.drift.equal(flow.drift));
  EXPECT_FALSE(sum.variance.defined());
  EXPECT_FALSE(sum.rates.defined());
  EXPECT_FALSE(scale(flow, 2).destinations.defined());
}

TEST_F(CoefficientsTest, RatesOnAnAlphabetAdd) {
  const Coefficients a{{}, {}, ramp({3, 5}, 0), {}}, b{{}, {}, ramp({3, 5}, 7), {}};
  EXPECT_TRUE(add(a, b).rates.equal(a.rates + b.rates));
}

TEST_F(CoefficientsTest, EmptyBatches) {
  const Coefficients none{at::zeros({0, 2}), at::zeros({0}), at::zeros({0, 3}), at::zeros({0, 3, 2})};
  const Coefficients sum = scale(add(none, none), at::zeros({0}));
  EXPECT_EQ(sum.drift.sizes(), at::IntArrayRef({0, 2}));
  EXPECT_EQ(sum.destinations.sizes(), at::IntArrayRef({0, 6, 2}));
}

TEST_F(CoefficientsTest, RefusesWhatDoesNotFit) {
  const Coefficients alphabet{{}, {}, ramp({3, 5}, 0), {}};
  EXPECT_THROW(add(alphabet, jump), ContractError);
  EXPECT_THROW(add(flow, Coefficients{ramp({3, 1}, 0), {}, {}, {}}), ContractError);
  EXPECT_THROW(scale(flow, ramp({3, 2}, 0)), ContractError);
}

}  // namespace
}  // namespace genmatch
