#include "equivariant/point_cloud.h"

#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double kLogTwoPi = 1.83787706640934548356;

// An orthonormal basis of the vectors of R^n whose entries add up to zero, as rows [n - 1, n] (Helmert).
Tensor contrasts(int64_t n, const at::TensorOptions& like) {
  Tensor rows = at::zeros({n - 1, n}, at::kDouble);
  for (int64_t k = 1; k < n; ++k) {
    const double length = std::sqrt(static_cast<double>(k * (k + 1)));
    rows[k - 1].narrow(0, 0, k).fill_(1 / length);
    rows[k - 1][k].fill_(-static_cast<double>(k) / length);
  }
  return rows.to(like);
}

}  // namespace

void PointCloud::Options::fields(Fields& f) {
  f("particles", particles, "number N of particles", at_least(2));
  f("dim", dim, "dimension D of the space that they are in", at_least(1));
}

std::string PointCloud::describe() const {
  return "clouds of " + std::to_string(particles_) + " points in R^" + std::to_string(dim_) + " with mean zero";
}

Tensor PointCloud::centred(const Tensor& x) { return x - x.mean(-2, true); }

Tensor PointCloud::sample(int64_t n, Rng& rng, const at::TensorOptions& like) const {
  return centred(rng.normal({n, particles_, dim_}, like));
}

Tensor PointCloud::log_base_density(const Tensor& x) const { return log_kernel(x, at::zeros_like(x), 1); }

Tensor PointCloud::violation(const Tensor& x) const {
  const Tensor size = x.square().mean({-2, -1}).sqrt().clamp_min(1);
  return x.mean(-2).square().sum(-1).sqrt() / size;
}

Tensor PointCloud::features_jvp(const Tensor& x, const Tensor& dx) const { return transport(x, x, dx).flatten(-2); }

Tensor PointCloud::to_tangent(const Tensor& x, const Tensor& v) const { return centred(transport(x, x, v)); }

Tensor PointCloud::inner(const Tensor& x, const Tensor& u, const Tensor& v) const {
  const auto all = at::broadcast_tensors({x, u, v});
  return (all[1] * all[2]).sum({-2, -1});
}

Tensor PointCloud::transport(const Tensor& x, const Tensor& y, const Tensor& v) const {
  return at::broadcast_tensors({x, y, v})[2];
}

Tensor PointCloud::tangent_basis(const Tensor& x) const {
  // (contrast a) x (axis d), for all a and d.
  const Tensor basis = at::kron(contrasts(particles_, x.options()), at::eye(dim_, x.options()));
  Shape shape(x.dim() + 1, 1), all = x.sizes().vec();
  shape[0] = dim();
  shape[x.dim() - 1] = particles_;
  shape[x.dim()] = dim_;
  all.insert(all.begin(), dim());
  return basis.reshape(shape).expand(all);
}

Tensor PointCloud::log_volume_distortion(const Tensor& x, const Tensor& v) const {
  return at::zeros_like(at::broadcast_tensors({x, v})[1].select(-1, 0).select(-1, 0));
}

Tensor PointCloud::to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const {
  return centred(at::broadcast_tensors({x, v, dx, dv})[3]);
}

Tensor PointCloud::log_kernel(const Tensor& x, const Tensor& centre, double concentration) const {
  return (x - centre).square().sum({-2, -1}) * (-0.5 * concentration) +
         0.5 * static_cast<double>(dim()) * (std::log(concentration) - kLogTwoPi);
}

const PointCloud& as_point_cloud(const Space& space, const char* who) {
  const auto* const cloud = dynamic_cast<const PointCloud*>(&space);
  if (cloud == nullptr)
    throw OptionError("", std::string(who) + " needs particles, and " + space.describe() +
                              " has none; write e.g. `space: {type: point_cloud, particles: 4, dim: 2}`");
  return *cloud;
}

void add_point_cloud(Catalog& c) {
  c.spaces.add<PointCloud>("point_cloud", {"N particles in D dimensions with their mean at the origin.",
                                           "Köhler et al. 2020, arXiv 2006.02425, sec. 4.2"});
}

}  // namespace genmatch
