#pragma once
#include <vector>

#include "core/config/catalog.h"
#include "core/tensor.h"

namespace genmatch {

/// ln of the mean over centres i of prod_f K_f(x, centre_i; concentrations[f]), K_f the
/// kernel of factor f (Manifold::log_kernel): [M]. x and centres hold one [M, *event], [N, *event] float64 tensor
/// per factor. If `own` (int64 [M]) is defined, row m leaves out centre own[m]. -inf if there is no centre left.
/// Works in blocks: takes tens of megabytes for any M and N.
Tensor log_kernel_mean(const Spaces& spaces, const State& centres, const State& x,
                       const std::vector<double>& concentrations, const Tensor& own = {});

/// Whether all spaces are compact, so that their product has a uniform density.
bool all_compact(const Spaces& spaces);

/// ln of the uniform density of a product of compact spaces at each row of x: [N].
Tensor log_uniform(const Spaces& spaces, const State& x);

/// ln((1 - weight) exp(a) + weight exp(b)), elementwise; 0 <= weight <= 1.
Tensor log_mixture(const Tensor& a, const Tensor& b, double weight);

}  // namespace genmatch
