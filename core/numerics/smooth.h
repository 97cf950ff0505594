#pragma once
// Elementwise functions whose values and gradients stay finite where the textbook formula divides by zero.
#include "core/tensor.h"

namespace genmatch {

/// sqrt(q), with gradient 0 at q = 0.
Tensor safe_sqrt(const Tensor& q);

/// |v| over the last dimension, kept as size 1; gradient 0 at v = 0.
Tensor safe_norm(const Tensor& v);

/// cos(sqrt(q)) and sin(sqrt(q)) / sqrt(q), q >= 0: analytic in q, so smooth functions of v for q = |v|^2.
Tensor cos_sqrt(const Tensor& q);
Tensor sinc_sqrt(const Tensor& q);

/// asin(sqrt(q)) / sqrt(q) for q in [0, 1e-3].
Tensor arcsinc_sqrt_small(const Tensor& q);

}  // namespace genmatch
