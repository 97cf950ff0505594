#include "core/process/flat_manifold.h"

#include "core/ops.h"

namespace genmatch {

Tensor FlatManifold::to_tangent(const Tensor& x, const Tensor& v) const { return at::broadcast_tensors({x, v})[1]; }

Tensor FlatManifold::inner(const Tensor& x, const Tensor& u, const Tensor& v) const {
  const auto all = at::broadcast_tensors({x, u, v});
  return (all[1] * all[2]).sum(-1);
}

Tensor FlatManifold::transport(const Tensor& x, const Tensor& y, const Tensor& v) const {
  return at::broadcast_tensors({x, y, v})[2];
}

Tensor FlatManifold::tangent_basis(const Tensor& x) const {
  Shape rows(x.dim() + 1, 1), all = x.sizes().vec();
  rows.front() = rows.back() = dim_;
  all.insert(all.begin(), dim_);
  return at::eye(dim_, x.options()).reshape(rows).expand(all);
}

Tensor FlatManifold::log_volume_distortion(const Tensor& x, const Tensor& v) const {
  return at::zeros_like(at::broadcast_tensors({x, v})[1].select(-1, 0));
}

Tensor FlatManifold::dlog(const Tensor& x, const Tensor& y, const Tensor& w) const { return transport(x, y, w); }

Tensor FlatManifold::to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const {
  return at::broadcast_tensors({x, v, dx, dv})[3];
}

}  // namespace genmatch
