#include "equivariant/clouds/periodic_cloud.h"

#include <fmt/format.h>

#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/numerics/special.h"
#include "core/ops.h"

namespace genmatch {

void PeriodicCloud::Options::fields(Fields& f) {
  f("particles", particles, "number N of particles", at_least(1));
  f("dim", dim, "dimension D of the box", at_least(1));
  f("length", length, "side of the box", above(0));
}

PeriodicCloud::PeriodicCloud(const Options& options)
    : particles_(options.particles), dim_(options.dim), length_(options.length) {
  if (!std::isfinite(length_)) throw OptionError("length", "a finite length expected");
}

std::string PeriodicCloud::describe() const {
  return fmt::format("{} points in a periodic box of side {:g} in R^{}", particles_, length_, dim_);
}

double PeriodicCloud::log_volume() const { return static_cast<double>(dim()) * std::log(length_); }

double PeriodicCloud::frequency() const { return 2 * M_PI / length_; }

Tensor PeriodicCloud::sample(int64_t n, Rng& rng, const at::TensorOptions& like) const {
  return project(length_ * rng.uniform({n, particles_, dim_}, like));
}

Tensor PeriodicCloud::log_base_density(const Tensor& x) const {
  return at::full_like(x.select(-1, 0).select(-1, 0), -log_volume());
}

Tensor PeriodicCloud::violation(const Tensor& x) const {
  return ((x - length_).clamp_min(0) + (-x).clamp_min(0)).sum({-2, -1});
}

Tensor PeriodicCloud::features(const Tensor& x) const {
  const Tensor angle = frequency() * x;
  return at::cat({angle.cos(), angle.sin()}, -1).flatten(-2);
}

Tensor PeriodicCloud::features_jvp(const Tensor& x, const Tensor& dx) const {
  const Tensor angle = frequency() * x, turn = frequency() * dx;
  return at::cat({-angle.sin() * turn, angle.cos() * turn}, -1).flatten(-2);
}

Tensor PeriodicCloud::log(const Tensor& x, const Tensor& y) const {
  const Tensor apart = y - x;
  return apart - length_ * (apart.detach() / length_).round();
}

// Points that lie in the box already come back bit for bit.
Tensor PeriodicCloud::project(const Tensor& x) const {
  const Tensor point = x.detach(), inside = (point >= 0).logical_and(point < length_);
  const Tensor wrapped = x - length_ * (point / length_).floor().masked_fill(inside, 0);
  const double last =
      x.scalar_type() == at::kDouble ? std::nextafter(length_, 0.) : std::nextafter(static_cast<float>(length_), 0.F);
  return wrapped + (wrapped.clamp(0, last) - wrapped).detach();  // rounding may end on the far face
}

Tensor PeriodicCloud::inner(const Tensor& x, const Tensor& u, const Tensor& v) const {
  const auto all = at::broadcast_tensors({x, u, v});
  return (all[1] * all[2]).sum({-2, -1});
}

Tensor PeriodicCloud::transport(const Tensor& x, const Tensor& y, const Tensor& v) const {
  return at::broadcast_tensors({x, y, v})[2];
}

Tensor PeriodicCloud::tangent_basis(const Tensor& x) const {
  Shape shape(x.dim() - 1, 1), all = x.sizes().vec();
  shape.front() = dim();
  shape.insert(shape.end(), {particles_, dim_});
  all.insert(all.begin(), dim());
  return at::eye(dim(), x.options()).reshape(shape).expand(all);
}

Tensor PeriodicCloud::log_volume_distortion(const Tensor& x, const Tensor& v) const {
  return at::zeros_like(at::broadcast_tensors({x, v})[1].select(-1, 0).select(-1, 0));
}

Tensor PeriodicCloud::to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const {
  return at::broadcast_tensors({x, v, dx, dv})[3];
}

Tensor PeriodicCloud::log_kernel(const Tensor& x, const Tensor& centre, double concentration) const {
  const double k = concentration / (frequency() * frequency());
  const Tensor versine = 2 * (0.5 * frequency() * log(centre, x)).sin().square();  // 1 - cos without cancellation
  return versine.sum({-2, -1}) * (-k) +
         static_cast<double>(dim()) * (log_von_mises_fisher_peak(1, k) + std::log(frequency()));
}

void add_periodic_cloud(Catalog& c) {
  c.spaces.add<PeriodicCloud>("periodic_cloud",
                              {"N particles in a cubic box of D dimensions with opposite faces glued together.", ""});
}

}  // namespace genmatch
