#include "equivariant/models/pair_messages.h"

#include <gtest/gtest.h>

#include "core/ops.h"
#include "core/rng.h"
#include "equivariant/models/fused_pairs.h"

namespace genmatch {
namespace {

struct Shape {
  int64_t clouds, particles, dim, width, radial;
  bool attention, heard, gaps = false;
};

// The fast way against tensor operations in double precision and LibTorch's derivatives of them.
class Pairs : public testing::TestWithParam<Shape> {
 protected:
  Pairs() : shape(GetParam()), rng(5, "pairs") {
    const int64_t w = shape.width;
    const auto drawn = [&](const std::vector<int64_t>& sizes, double scale) {
      return (scale * rng.normal(sizes, at::kFloat)).to(at::kDouble).requires_grad_();
    };
    weights.radial = {shape.radial, 4};
    weights.distance = drawn({2 + shape.radial, w}, 0.2);
    weights.out = drawn({w, w}, 0.5), weights.out_bias = drawn({w}, 0.5);
    if (shape.attention) weights.attention = drawn({w, 1}, 1), weights.attention_bias = drawn({1}, 1);
    weights.position = drawn({w, w}, 0.5), weights.position_bias = drawn({w}, 0.5), weights.pull = drawn({w, 1}, 1);
    own = drawn({shape.clouds, shape.particles, w}, 1), other = drawn({shape.clouds, shape.particles, w}, 1);
    y = drawn({shape.clouds, shape.particles, shape.dim}, 1), start = drawn(y.sizes().vec(), 1).detach();
    if (!shape.gaps) return;
    presence = rng.uniform({shape.clouds, shape.particles, 1}, at::kFloat).lt(0.6).to(at::kFloat);
    presence[0].zero_();  // a cloud of none
  }

  static Tensor in_double(const Tensor& x) { return x.defined() ? x.to(at::kDouble) : x; }
  static Tensor single(const Tensor& x) { return x.defined() ? x.detach().to(at::kFloat).requires_grad_() : x; }
  PairWeights single_weights() const {
    PairWeights w = weights;
    for (Tensor* const one :
         {&w.distance, &w.out, &w.out_bias, &w.attention, &w.attention_bias, &w.position, &w.position_bias, &w.pull})
      *one = single(*one);
    return w;
  }
  // Relative to the largest entry, as sums over pairs cancel.
  static void expect_near(const Tensor& fast, const Tensor& plain, const char* what) {
    ASSERT_EQ(fast.sizes(), plain.sizes()) << what;
    if (plain.numel() == 0) return;
    const double scale = plain.abs().max().item<double>(),
                 error = (fast.detach().to(at::kDouble) - plain).abs().max().item<double>();
    EXPECT_GT(scale, 0) << what;
    EXPECT_LT(error, 2e-5 * scale) << what;
  }

  Shape shape;
  Rng rng;
  PairWeights weights;
  Tensor own, other, y, start, presence;
};

TEST_P(Pairs, ValuesAndGradientsAreThoseOfTensorOperations) {
  const PairMessages plain =
      plain_pair_messages(weights, {{own}, {other}, {y}, {start}, in_double(presence)}, shape.heard);
  const PairWeights fast_weights = single_weights();
  const Tensor fast_own = single(own), fast_other = single(other), fast_y = single(y);
  ASSERT_TRUE(FusedPairs::takes(fast_weights, fast_own));
  const PairMessages fast =
      pair_messages(fast_weights, {{fast_own}, {fast_other}, {fast_y}, {start.to(at::kFloat)}, presence}, shape.heard);
  expect_near(fast.move.value, plain.move.value.detach(), "move");
  ASSERT_EQ(fast.heard.value.defined(), shape.heard);
  if (shape.heard) expect_near(fast.heard.value, plain.heard.value.detach(), "heard");

  const Tensor to_move = rng.normal(y.sizes().vec(), at::kFloat), to_heard = rng.normal(own.sizes().vec(), at::kFloat);
  const auto loss = [&](const PairMessages& m) {
    const Tensor sum = (m.move.value * to_move).sum();
    return shape.heard ? sum + (m.heard.value * to_heard).sum() : sum;
  };
  loss(plain).backward();
  loss(fast).backward();
  expect_near(fast_own.grad(), own.grad(), "own");
  expect_near(fast_other.grad(), other.grad(), "other");
  expect_near(fast_y.grad(), y.grad(), "y");
  const std::vector<Tensor> expected = weights.tensors(), got = fast_weights.tensors();
  for (std::size_t i = 0; i < expected.size(); ++i)
    expect_near(got[i].grad(), expected[i].grad(), ("weight " + std::to_string(i)).c_str());
}

TEST_P(Pairs, DerivativesAlongDirectionsAreThoseOfTensorOperations) {
  const at::NoGradGuard no_grad;
  const auto along = [&](const Tensor& x) {
    std::vector<int64_t> sizes = x.sizes().vec();
    sizes.insert(sizes.begin(), 3);
    return rng.normal(sizes, at::kFloat);
  };
  const Dual all[] = {{own, along(own)}, {other, along(other)}, {y, along(y)}, {start, along(start)}};
  const auto given = [&](int i, at::ScalarType type) {
    return Dual{all[i].value.to(type), all[i].derivative.to(type)};
  };
  const PairMessages plain = plain_pair_messages(
      weights,
      {given(0, at::kDouble), given(1, at::kDouble), given(2, at::kDouble), given(3, at::kDouble), in_double(presence)},
      shape.heard);
  const PairMessages fast = pair_messages(
      single_weights(),
      {given(0, at::kFloat), given(1, at::kFloat), given(2, at::kFloat), given(3, at::kFloat), presence}, shape.heard);
  expect_near(fast.move.value, plain.move.value, "move");
  expect_near(fast.move.derivative, plain.move.derivative, "derivative of move");
  if (shape.heard) expect_near(fast.heard.derivative, plain.heard.derivative, "derivative of heard");
}

// Every instruction set, and whatever number of threads: the parts are the same.
TEST_P(Pairs, KernelsAgree) {
  const at::NoGradGuard no_grad;
  const PairWeights w = single_weights();
  const FusedPairs::Input input{single(own), single(other), single(y), single(start), presence};
  const Tensor expected =
      plain_pair_messages(weights, {{own}, {other}, {y}, {start}, in_double(presence)}, shape.heard).move.value;
  for (int i = 0; dense_kernels(i) != nullptr; ++i)
    expect_near(FusedPairs(w, shape.particles, shape.dim, shape.heard, *dense_kernels(i)).forward(input).move, expected,
                dense_kernels(i)->name);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Pairs,
                         testing::Values(Shape{3, 4, 2, 32, 0, true, true}, Shape{40, 5, 3, 8, 6, false, true},
                                         Shape{2, 13, 3, 32, 20, true, false}, Shape{1, 2, 1, 5, 3, true, true},
                                         Shape{1, 55, 3, 17, 0, true, true}, Shape{2, 4, 5, 8, 6, true, true},
                                         Shape{9, 6, 3, 16, 6, true, true, true},
                                         Shape{30, 13, 3, 8, 0, false, true, true}));

TEST(Pairs, OfNoClouds) {
  PairWeights w;
  w.distance = at::ones({2, 4}), w.out = at::ones({4, 4}), w.out_bias = at::ones({4});
  w.position = at::ones({4, 4}), w.position_bias = at::ones({4}), w.pull = at::ones({4, 1});
  const Tensor none = at::empty({0, 3, 4}), nowhere = at::empty({0, 3, 2});
  const PairMessages m = pair_messages(w, {{none}, {none}, {nowhere}, {nowhere}}, true);
  EXPECT_EQ(m.move.value.sizes(), nowhere.sizes());
  EXPECT_EQ(m.heard.value.sizes(), none.sizes());
}

}  // namespace
}  // namespace genmatch
