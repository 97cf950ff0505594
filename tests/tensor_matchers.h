#pragma once
// Assertions on tensors: EXPECT_TRUE(near(a, b, 1e-12)) says which element is off and by how much.
#include <gtest/gtest.h>

#include "core/ops.h"

namespace genmatch {

/// Same shape, all finite, and |actual - expected| <= tolerance (1 + |expected|).
inline testing::AssertionResult near(const Tensor& actual, const Tensor& expected, double tolerance) {
  if (actual.sizes() != expected.sizes())
    return testing::AssertionFailure() << "shape " << actual.sizes() << ", expected " << expected.sizes();
  const Tensor a = actual.detach().to(at::kDouble), e = expected.detach().to(at::kDouble);
  const Tensor bad = ((a - e).abs() <= tolerance * (1 + e.abs())).logical_not();  // NaN is bad too
  if (!bad.any().item<bool>()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << bad.sum().item<int64_t>() << " of " << bad.numel()
                                     << " elements differ, first at " << bad.nonzero().select(0, 0).view({1, -1})
                                     << ": " << a.masked_select(bad)[0].item<double>() << ", expected "
                                     << e.masked_select(bad)[0].item<double>() << ", tolerance " << tolerance;
}

inline testing::AssertionResult all_at_most(const Tensor& values, double bound) {
  const Tensor bad = (values.detach() <= bound).logical_not();
  if (!bad.any().item<bool>()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << bad.sum().item<int64_t>() << " of " << bad.numel() << " exceed " << bound
                                     << " or are NaN, first " << values.masked_select(bad)[0].item<double>();
}

inline testing::AssertionResult finite(const Tensor& values) {
  if (values.detach().isfinite().all().item<bool>()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "not finite: " << values;
}

}  // namespace genmatch
