#include "core/numerics/monotone_cubic.h"

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

void check(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() < 2 || x.size() != y.size())
    throw ContractError("MonotoneCubic: expected at least two x and as many y, got " + std::to_string(x.size()) +
                        " and " + std::to_string(y.size()));
  for (std::size_t i = 1; i < x.size(); ++i)
    if (!(x[i] > x[i - 1])) throw ContractError("MonotoneCubic: expected x that rise");
}

std::vector<double> monotone_slopes(const std::vector<double>& x, const std::vector<double>& y) {
  const std::size_t n = x.size();
  std::vector<double> secant(n - 1), slope(n);
  for (std::size_t i = 0; i + 1 < n; ++i) secant[i] = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
  slope.front() = secant.front();
  slope.back() = secant.back();
  for (std::size_t i = 1; i + 1 < n; ++i)
    slope[i] = secant[i - 1] * secant[i] > 0 ? (secant[i - 1] + secant[i]) / 2 : 0;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    if (secant[i] == 0) {
      slope[i] = slope[i + 1] = 0;
      continue;
    }
    const double length = std::hypot(slope[i] / secant[i], slope[i + 1] / secant[i]);
    if (length <= 3) continue;  // the circle of radius 3 lies within the region of monotone pieces
    slope[i] *= 3 / length;
    slope[i + 1] *= 3 / length;
  }
  return slope;
}

}  // namespace

struct MonotoneCubic::Place {
  Tensor width, u;        // of the piece; (x - x_i) / width
  Tensor y0, y1, m0, m1;  // values, and slopes times width, at its ends
};

MonotoneCubic::MonotoneCubic(const std::vector<double>& x, const std::vector<double>& y)
    : x_((check(x, y), at::tensor(x, at::kDouble))),
      y_(at::tensor(y, at::kDouble)),
      slope_(at::tensor(monotone_slopes(x, y), at::kDouble)) {}

MonotoneCubic::Place MonotoneCubic::find(const Tensor& x) const {
  const Tensor points = x.to(at::kCPU, at::kDouble).contiguous();
  const Tensor i = (at::searchsorted(x_, points, false, true) - 1).clamp(0, x_.size(0) - 2);
  const Tensor width = x_.take(i + 1) - x_.take(i);
  return {width,          (points - x_.take(i)) / width, y_.take(i),
          y_.take(i + 1), slope_.take(i) * width,        slope_.take(i + 1) * width};
}

Tensor MonotoneCubic::value(const Tensor& x) const {
  const Place p = find(x);
  const Tensor rest = 1 - p.u;
  const Tensor y = p.y0 * rest.square() * (1 + 2 * p.u) + p.y1 * p.u.square() * (3 - 2 * p.u) +
                   p.m0 * p.u * rest.square() - p.m1 * p.u.square() * rest;
  return y.to(x.options());
}

Tensor MonotoneCubic::derivative(const Tensor& x) const {
  const Place p = find(x);
  const Tensor rest = 1 - p.u;
  const Tensor dy = 6 * p.u * rest * (p.y1 - p.y0) + p.m0 * rest * (1 - 3 * p.u) + p.m1 * p.u * (3 * p.u - 2);
  return (dy / p.width).to(x.options());
}

}  // namespace genmatch
