#include "equivariant/models/dual.h"

#include "core/ops.h"

namespace genmatch {
namespace {

// f(a) whose slope there is `slope`.
Dual chained(const Tensor& value, const Dual& a, const Tensor& slope) { return {value, a.derivative * slope}; }

Tensor either(const Tensor& a, const Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a + b : a;
}

}  // namespace

Dual Dual::unsqueeze(int64_t dim) const {
  return {value.unsqueeze(dim), derivative.defined() ? derivative.unsqueeze(dim) : Tensor()};
}

Dual Dual::sum(int64_t dim, bool keep) const {
  return {value.sum(dim, keep), derivative.defined() ? derivative.sum(dim, keep) : Tensor()};
}

Dual Dual::narrow(int64_t dim, int64_t first, int64_t length) const {
  return {value.narrow(dim, first, length), derivative.defined() ? derivative.narrow(dim, first, length) : Tensor()};
}

Dual Dual::times(const Tensor& weight) const {
  return {at::matmul(value, weight), derivative.defined() ? at::matmul(derivative, weight) : Tensor()};
}

Dual operator+(const Dual& a, const Dual& b) { return {a.value + b.value, either(a.derivative, b.derivative)}; }

Dual operator-(const Dual& a, const Dual& b) {
  return {a.value - b.value, either(a.derivative, b.derivative.defined() ? -b.derivative : Tensor())};
}

Dual operator*(const Dual& a, const Dual& b) {
  return {a.value * b.value, either(a.derivative.defined() ? a.derivative * b.value : Tensor(),
                                    b.derivative.defined() ? b.derivative * a.value : Tensor())};
}

Dual operator+(const Dual& a, const Tensor& constant) { return {a.value + constant, a.derivative}; }

Dual operator*(const Dual& a, const Tensor& constant) {
  return {a.value * constant, a.derivative.defined() ? a.derivative * constant : Tensor()};
}

Dual silu(const Dual& a) {
  if (!a.derivative.defined()) return {at::silu(a.value)};
  const Tensor s = at::sigmoid(a.value), value = a.value * s;
  return chained(value, a, s + value * (1 - s));
}

Dual sigmoid(const Dual& a) {
  const Tensor s = at::sigmoid(a.value);
  if (!a.derivative.defined()) return {s};
  return chained(s, a, s * (1 - s));
}

Dual squared_norm(const Dual& a) {
  const Tensor square = a.value.square().sum(-1, true);
  if (!a.derivative.defined()) return {square};
  return {square, 2 * (a.derivative * a.value).sum(-1, true)};
}

Dual root(const Dual& q, double epsilon) {
  const Tensor d = (q.value + epsilon).sqrt();
  if (!q.derivative.defined()) return {d};
  return chained(d, q, 0.5 / d);
}

Dual inverse_distance(const Dual& q, double epsilon) {
  const Dual d = root(q, epsilon);
  const Tensor inverse = (1 + d.value).reciprocal();
  if (!q.derivative.defined()) return {inverse};
  return chained(inverse, d, -inverse * inverse);
}

}  // namespace genmatch
