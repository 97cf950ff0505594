#pragma once
#include "core/process/manifold.h"

namespace genmatch {

/// What R^d and its quotients share: the coordinates [d] are Cartesian everywhere, every vector is tangent, and
/// parallel transport changes nothing.
class FlatManifold : public Manifold {
 public:
  explicit FlatManifold(int64_t dim) : dim_(dim) {}
  Shape event_shape() const override { return {dim_}; }
  int64_t dim() const override { return dim_; }
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override;
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override;
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override;
  Tensor tangent_basis(const Tensor& x) const override;
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override;
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override;
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override;

 private:
  int64_t dim_;
};

}  // namespace genmatch
