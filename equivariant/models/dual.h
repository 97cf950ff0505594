#pragma once
#include "core/tensor.h"

namespace genmatch {

/// A tensor [...] with its derivatives [K, ...] along K directions at once: forward-mode differentiation. Undefined
/// derivatives are zero, so that a network written once in duals gives values alone at no extra cost, and autograd sees
/// the values. Dimensions are counted from the end, where values and derivatives agree.
struct Dual {
  Tensor value;
  Tensor derivative = {};

  Dual unsqueeze(int64_t dim) const;  ///< dim < 0
  Dual sum(int64_t dim, bool keep = false) const;
  Dual narrow(int64_t dim, int64_t first, int64_t length) const;
  /// x W along the last dimension, W [in, out].
  Dual times(const Tensor& weight) const;
};

Dual operator+(const Dual& a, const Dual& b);
Dual operator-(const Dual& a, const Dual& b);
Dual operator*(const Dual& a, const Dual& b);
Dual operator+(const Dual& a, const Tensor& constant);
Dual operator*(const Dual& a, const Tensor& constant);
Dual silu(const Dual& a);
Dual sigmoid(const Dual& a);
/// |a|^2 over the last dimension, kept as size 1.
Dual squared_norm(const Dual& a);
/// sqrt(q + epsilon).
Dual root(const Dual& q, double epsilon);
/// 1 / (1 + sqrt(q + epsilon)).
Dual inverse_distance(const Dual& q, double epsilon);

}  // namespace genmatch
