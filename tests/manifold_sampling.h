#pragma once
// Random points, tangents and integrals on any manifold, for tests.
#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <functional>

#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {

/// A length that every shortest geodesic may have.
inline double reach(const Manifold& m) { return std::min(m.injectivity_radius(), 3.0); }

/// sum_i c_i e_i(x) for c [dim, ...].
inline Tensor combine(const Manifold& m, const Tensor& basis, const Tensor& c) {
  return (unsqueeze_event(c, m) * basis).sum(0);
}

/// One tangent per point of x [B, *event], of the given length. (Projected noise would be all rounding where it
/// happens to be nearly normal to a curve.)
inline Tensor random_tangent(const Manifold& m, const Tensor& x, double length, Rng& rng) {
  const Tensor z = rng.normal({m.dim(), x.size(0)}, x.options());
  return combine(m, m.tangent_basis(x), length * z / z.square().sum(0).sqrt());
}

struct MonteCarlo {
  double mean, sem;
  explicit MonteCarlo(const Tensor& values)
      : mean(values.mean().item<double>()), sem(std::sqrt(values.var().item<double>() / values.numel())) {}
};

/// The probability that a density gives to the geodesic ball about centre [*event], by n draws from the ball's
/// tangent vectors. radius <= injectivity_radius().
inline MonteCarlo ball_probability(const Manifold& m, const Tensor& centre, double radius,
                                   const std::function<Tensor(const Tensor&)>& log_density, int64_t n, Rng& rng) {
  const double d = static_cast<double>(m.dim()), pi = 3.14159265358979323846;
  const Tensor z = rng.normal({m.dim(), n}, centre.options());
  const Tensor length = radius * rng.uniform({n}, centre.options()).pow(1 / d);
  const Tensor v = combine(m, m.tangent_basis(centre).unsqueeze(1), z / z.square().sum(0).sqrt() * length);
  const double volume = std::pow(pi, d / 2) / boost::math::tgamma(d / 2 + 1) * std::pow(radius, d);
  return MonteCarlo(volume * (log_density(m.exp(centre, v)) + m.log_volume_distortion(centre, v)).exp());
}

}  // namespace genmatch
