#include "equivariant/clouds/point_cloud.h"

#include <cmath>
#include <limits>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/numerics/special.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// An orthonormal basis of the vectors whose entries add up to zero over those particles that are there (Helmert):
// [N - 1, ..., N] for presence [..., N]. The vector of particle k > 0 sets it against those before it, and is zero if
// it is not there, or none before it.
Tensor contrasts(const Tensor& presence) {
  const int64_t n = presence.size(-1);
  const Tensor there = presence.movedim(-1, 0).narrow(0, 1, n - 1).unsqueeze(-1);  // [N - 1, ..., 1]
  const Tensor count = presence.cumsum(-1).movedim(-1, 0).narrow(0, 1, n - 1).unsqueeze(-1);
  Shape shape(static_cast<std::size_t>(presence.dim()) + 1, 1);
  shape.front() = n - 1;
  shape.back() = n;
  const Tensor index = at::arange(n, presence.options()), own = index.narrow(0, 1, n - 1).unsqueeze(1);
  const Tensor before = index.lt(own).to(presence.options()).reshape(shape) * presence.unsqueeze(0),
               itself = index.eq(own).to(presence.options()).reshape(shape);
  const Tensor used = there * count.gt(1).to(presence.options());
  return used * (before - (count - 1) * itself) / (count * (count - 1)).clamp_min(1).sqrt();
}

}  // namespace

void PointCloud::Options::fields(Fields& f) {
  f("particles", particles, "number N of particles; the most, if it varies", at_least(2));
  f("dim", dim, "dimension D of the space that they are in", at_least(1));
  f("fewest", fewest, "the least number of particles, if it varies; as many as `particles` unless stated", at_least(2));
}

PointCloud::PointCloud(const Options& options)
    : particles_(options.particles), dim_(options.dim), fewest_(options.fewest.value_or(options.particles)) {
  if (fewest_ > particles_)
    throw OptionError("fewest", "is " + std::to_string(fewest_) + ", but there are at most " +
                                    std::to_string(particles_) + " particles");
}

std::string PointCloud::describe() const {
  const std::string number = (varies() ? std::to_string(fewest_) + " to " : "") + std::to_string(particles_);
  return "clouds of " + number + " points in R^" + std::to_string(dim_) + " with mean zero";
}

Tensor PointCloud::centred(const Tensor& x) { return x - x.mean(-2, true); }

Tensor PointCloud::centred(const Tensor& v, const Tensor& presence) {
  if (!presence.defined()) return centred(v);
  const Tensor there = v * presence;
  return there - presence * (there.sum(-2, true) / presence.sum(-2, true));
}

Tensor PointCloud::presence(const Tensor& x) const {
  if (!varies()) return {};
  const Tensor there = x.detach().ne(0).any(-1, true);
  return there.logical_or(there.any(-2, true).logical_not()).to(x.scalar_type());
}

Tensor PointCloud::dim_at(const Tensor& x) const {
  if (!varies()) return Manifold::dim_at(x);
  return (presence(x).sum({-2, -1}) - 1) * static_cast<double>(dim_);
}

Tensor PointCloud::component(const Tensor& x) const { return varies() ? presence(x).squeeze(-1) : Tensor(); }

// Of a normal law in N particles the others are one in n, and without their mean the base law of these.
Tensor PointCloud::in_component_of(const Tensor& like, const Tensor& x) const {
  return varies() ? centred(x, presence(like)) : x;
}

Tensor PointCloud::same_component(const Tensor& x, const Tensor& y) const {
  return component(x).eq(component(y)).all(-1);
}

Tensor PointCloud::sample(int64_t n, Rng& rng, const at::TensorOptions& like) const {
  return centred(rng.normal({n, particles_, dim_}, like));
}

Tensor PointCloud::log_base_density(const Tensor& x) const {
  return -0.5 * x.square().sum({-2, -1}) - 0.5 * kLogTwoPi * dim_at(x);
}

Tensor PointCloud::violation(const Tensor& x) const {
  const Tensor size = x.square().mean({-2, -1}).sqrt().clamp_min(1);
  const Tensor off = x.mean(-2).square().sum(-1).sqrt() / size;
  if (!varies()) return off;
  return off.masked_fill(presence(x).sum({-2, -1}) < fewest_, std::numeric_limits<double>::infinity());
}

Tensor PointCloud::features_jvp(const Tensor& x, const Tensor& dx) const { return transport(x, x, dx).flatten(-2); }

Tensor PointCloud::log(const Tensor& x, const Tensor& y) const { return varies() ? to_tangent(x, y - x) : y - x; }

Tensor PointCloud::distance(const Tensor& x, const Tensor& y) const {
  const Tensor length = Manifold::distance(x, y);
  if (!varies()) return length;
  return length.masked_fill(same_component(x, y).logical_not(), std::numeric_limits<double>::infinity());
}

Tensor PointCloud::project(const Tensor& x) const {
  const Tensor there = presence(x);
  return centred(centred(x, there), there);
}

Tensor PointCloud::to_tangent(const Tensor& x, const Tensor& v) const {
  return centred(transport(x, x, v), presence(x));
}

Tensor PointCloud::inner(const Tensor& x, const Tensor& u, const Tensor& v) const {
  const auto all = at::broadcast_tensors({x, u, v});
  return (all[1] * all[2]).sum({-2, -1});
}

Tensor PointCloud::transport(const Tensor& x, const Tensor& y, const Tensor& v) const {
  return at::broadcast_tensors({x, y, v})[2];
}

Tensor PointCloud::tangent_basis(const Tensor& x) const {
  const Tensor there = varies() ? presence(x).squeeze(-1) : at::ones({particles_}, x.options());
  const Tensor basis = contrasts(there.to(at::kDouble)).to(x.options());  // [N - 1, ..., N]
  // (contrast a) x (axis d), for all a and d.
  Shape axes(static_cast<std::size_t>(basis.dim()) + 2, 1), shape = x.sizes().vec();
  axes[1] = axes.back() = dim_;
  Tensor all = (basis.unsqueeze(1).unsqueeze(-1) * at::eye(dim_, x.options()).reshape(axes)).flatten(0, 1);
  while (all.dim() <= x.dim()) all = all.unsqueeze(1);
  shape.insert(shape.begin(), dim());
  return all.expand(shape);
}

Tensor PointCloud::log_volume_distortion(const Tensor& x, const Tensor& v) const {
  return at::zeros_like(at::broadcast_tensors({x, v})[1].select(-1, 0).select(-1, 0));
}

Tensor PointCloud::to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const {
  return centred(at::broadcast_tensors({x, v, dx, dv})[3], presence(x));
}

Tensor PointCloud::log_kernel(const Tensor& x, const Tensor& centre, double concentration) const {
  const Tensor value = (x - centre).square().sum({-2, -1}) * (-0.5 * concentration) +
                       0.5 * (std::log(concentration) - kLogTwoPi) * dim_at(x);
  if (!varies()) return value;
  return value.masked_fill(same_component(x, centre).logical_not(), -std::numeric_limits<double>::infinity());
}

const PointCloud& as_point_cloud(const Space& space, const char* who) {
  const auto* const cloud = dynamic_cast<const PointCloud*>(&space);
  if (cloud == nullptr)
    throw OptionError("", std::string(who) + " needs particles, and " + space.describe() +
                              " has none; write e.g. `space: {type: point_cloud, particles: 4, dim: 2}`");
  return *cloud;
}

const PointCloud& as_fixed_cloud(const Space& space, const char* who) {
  const PointCloud& cloud = as_point_cloud(space, who);
  if (cloud.varies())
    throw OptionError("", std::string(who) + " needs clouds of one number of particles, and these are " +
                              space.describe() + "; leave out `space.fewest`");
  return cloud;
}

void add_point_cloud(Catalog& c) {
  c.spaces.add<PointCloud>("point_cloud",
                           {"N particles in D dimensions with their mean at the origin; their number may vary.",
                            "Köhler et al. 2020, arXiv 2006.02425, sec. 4.2"});
}

}  // namespace genmatch
