#include "core/numerics/smooth.h"

#include <vector>

#include "core/ops.h"

namespace genmatch {
namespace {

/// sum_i c_i q^i by Horner's rule.
Tensor polynomial(const Tensor& q, const std::vector<double>& c) {
  Tensor sum = at::full_like(q, c.back());
  for (std::size_t i = c.size() - 1; i-- > 0;) sum = sum * q + c[i];
  return sum;
}

constexpr double kSmall = 1e-2;  // below it the series below are exact to rounding in float64

}  // namespace

// Each branch sees harmless numbers where the other is taken: a NaN there would spoil the gradient of both.
Tensor safe_sqrt(const Tensor& q) {
  const Tensor positive = q > 0;
  return at::where(positive, q.masked_fill(~positive, 1).sqrt(), q.detach() * 0);  // a NaN stays one
}

Tensor safe_norm(const Tensor& v) { return safe_sqrt(v.square().sum(-1, true)); }

Tensor cos_sqrt(const Tensor& q) {
  const Tensor small = q < kSmall;
  const Tensor series =
      polynomial(q.masked_fill(~small, 0), {1, -1. / 2, 1. / 24, -1. / 720, 1. / 40320, -1. / 3628800});
  return at::where(small, series, q.masked_fill(small, 1).sqrt().cos());
}

Tensor sinc_sqrt(const Tensor& q) {
  const Tensor small = q < kSmall, root = q.masked_fill(small, 1).sqrt();
  const Tensor series =
      polynomial(q.masked_fill(~small, 0), {1, -1. / 6, 1. / 120, -1. / 5040, 1. / 362880, -1. / 39916800});
  return at::where(small, series, root.sin() / root);
}

Tensor arcsinc_sqrt_small(const Tensor& q) {
  return polynomial(q, {1, 1. / 6, 3. / 40, 5. / 112, 35. / 1152, 63. / 2816});
}

}  // namespace genmatch
