#include "equivariant/models/filtered_messages.h"

#include <gtest/gtest.h>

#include "core/ops.h"
#include "core/rng.h"

namespace genmatch {
namespace {

struct Shape {
  int64_t clouds, particles, dim, width, radial;
  bool vectors, gaps = false;
};

// The fast way against tensor operations in double precision and LibTorch's derivatives of them.
class Filters : public testing::TestWithParam<Shape> {
 protected:
  Filters() : shape(GetParam()), rng(6, "filters"), radial{shape.radial, 4} {
    const auto [clouds, n, dim, f, count, vectors, gaps] = shape;
    x = drawn({clouds, n, dim}).detach();
    filter = drawn({count, 3 * f}), said = drawn({clouds, n, 3 * f});
    if (vectors) v = drawn({clouds, n, dim, f});
    if (gaps) presence = rng.uniform({clouds, n, 1}, at::kFloat).lt(0.6).to(at::kFloat);
    if (gaps) in_double = presence.to(at::kDouble);
  }
  Tensor drawn(const std::vector<int64_t>& sizes) {
    return rng.normal(sizes, at::kFloat).to(at::kDouble).requires_grad_();
  }
  static Tensor single(const Tensor& t) { return t.defined() ? t.detach().to(at::kFloat).requires_grad_() : t; }
  static void expect_near(const Tensor& fast, const Tensor& plain, const char* what) {
    ASSERT_EQ(fast.sizes(), plain.sizes()) << what;
    const double scale = plain.abs().max().item<double>(),
                 error = (fast.detach().to(at::kDouble) - plain.detach()).abs().max().item<double>();
    EXPECT_GT(scale, 0) << what;
    EXPECT_LT(error, 1e-5 * scale) << what;
  }

  Shape shape;
  Rng rng;
  RadialFeatures radial;
  Tensor x, filter, said, v, presence, in_double;
};

TEST_P(Filters, ValuesAndGradientsAreThoseOfTensorOperations) {
  const Neighbours::Heard plain = Neighbours::plain({x}, in_double, radial).hear(filter, {said}, {v});
  const Tensor fast_filter = single(filter), fast_said = single(said), fast_v = single(v);
  const Neighbours::Heard fast =
      Neighbours({x.to(at::kFloat)}, presence, radial, shape.width).hear(fast_filter, {fast_said}, {fast_v});
  expect_near(fast.scalars.value, plain.scalars.value, "scalars");
  expect_near(fast.vectors.value, plain.vectors.value, "vectors");
  const Tensor to_scalars = rng.normal(plain.scalars.value.sizes().vec(), at::kFloat),
               to_vectors = rng.normal(plain.vectors.value.sizes().vec(), at::kFloat);
  for (const Neighbours::Heard* const heard : {&plain, &fast})
    ((heard->scalars.value * to_scalars).sum() + (heard->vectors.value * to_vectors).sum()).backward();
  expect_near(fast_filter.grad(), filter.grad(), "filter");
  expect_near(fast_said.grad(), said.grad(), "said");
  if (shape.vectors) expect_near(fast_v.grad(), v.grad(), "v");
}

TEST_P(Filters, DerivativesAlongDirectionsAreThoseOfTensorOperations) {
  const at::NoGradGuard no_grad;
  const auto along = [&](const Tensor& t) {
    if (!t.defined()) return t;
    std::vector<int64_t> sizes = t.sizes().vec();
    sizes.insert(sizes.begin(), 3);
    return rng.normal(sizes, at::kFloat);
  };
  const auto as = [](const Dual& d, at::ScalarType type) {
    return d.value.defined() ? Dual{d.value.to(type), d.derivative.defined() ? d.derivative.to(type) : d.derivative}
                             : d;
  };
  const Dual dx{x, along(x)}, dv{v, along(v)};
  for (const bool said_moves : {true, false}) {
    const Dual ds{said, said_moves ? along(said) : Tensor()};
    const Neighbours::Heard plain = Neighbours::plain(dx, in_double, radial).hear(filter, ds, dv),
                            fast = Neighbours(as(dx, at::kFloat), presence, radial, shape.width)
                                       .hear(single(filter), as(ds, at::kFloat), as(dv, at::kFloat));
    expect_near(fast.scalars.value, plain.scalars.value, "scalars");
    expect_near(fast.scalars.derivative, plain.scalars.derivative, "derivative of scalars");
    expect_near(fast.vectors.derivative, plain.vectors.derivative, "derivative of vectors");
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Filters,
                         testing::Values(Shape{3, 4, 2, 32, 20, true}, Shape{20, 13, 3, 32, 24, true},
                                         Shape{2, 5, 3, 7, 3, false}, Shape{1, 2, 1, 5, 2, true},
                                         Shape{2, 55, 3, 16, 20, true}, Shape{2, 4, 5, 8, 6, true},
                                         Shape{9, 6, 3, 16, 6, true, true}));

}  // namespace
}  // namespace genmatch
