#include "core/process/manifold.h"

#include <cmath>

#include "core/errors.h"
#include "core/numerics/smooth.h"
#include "core/ops.h"

namespace genmatch {

Tensor Manifold::dim_at(const Tensor& x) const { return at::full({}, dim(), x.options()); }

Tensor Manifold::retract(const Tensor& x, const Tensor& v) const { return exp(x, v); }

Tensor Manifold::tangent_noise(const Tensor& x, const Tensor& z) const { return to_tangent(x, z); }

Tensor Manifold::dlog(const Tensor& x, const Tensor& y, const Tensor& w) const {
  const double eps = w.scalar_type() == at::kDouble ? 0x1p-52 : 0x1p-23;
  const Tensor length = unsqueeze_event(norm(y, w), *this);
  const Tensor h = std::cbrt(eps) * w / length.clamp_min(eps);  // truncation and rounding errors of like size
  return (log(x, exp(y, h)) - log(x, exp(y, -h))) * (length / (2 * std::cbrt(eps)));
}

Tensor Manifold::covariant(const Tensor& x, const Tensor&, const Tensor&, const Tensor& dv) const {
  return to_tangent(x, dv);
}

Tensor Manifold::norm(const Tensor& x, const Tensor& v) const { return safe_sqrt(inner(x, v, v)); }

Tensor Manifold::distance(const Tensor& x, const Tensor& y) const { return norm(x, log(x, y)); }

Tensor Manifold::advance(const Tensor& x, const Coefficients& c, const Tensor& dt, Rng& rng) const {
  if (c.rates.defined())
    throw ContractError("advance on " + describe() + ": jump rates cannot be simulated by drift and diffusion steps");
  Tensor v = at::zeros_like(x);
  if (c.drift.defined()) v = unsqueeze_event(dt, *this) * c.drift;
  if (c.variance.defined()) {
    if (dt.lt(0).any().item<bool>())
      throw ContractError("advance on " + describe() + ": a diffusion runs forward only, but dt is negative");
    const Tensor noise = tangent_noise(x, rng.normal(x.sizes(), x.options()));
    v = v + unsqueeze_event((dt * c.variance).sqrt(), *this) * noise;
  }
  return exp(x, v);
}

}  // namespace genmatch
