#pragma once
#include "core/config/fields.h"
#include "core/process/manifold.h"

namespace genmatch {

/// N particles in D dimensions with their mean at the origin: the flat subspace of R^{N x D} of dimension (N - 1) D,
/// with its own Lebesgue measure. The base law is the standard normal of the subspace, whose log-density is
/// -|x|^2 / 2 - (N - 1) D / 2 ln 2 pi. Köhler et al. 2020, arXiv 2006.02425, sec. 4.2.
class PointCloud final : public Manifold {
 public:
  struct Options {
    int64_t particles = 4;
    int64_t dim = 2;
    void fields(Fields& f);
  };
  explicit PointCloud(const Options& options) : particles_(options.particles), dim_(options.dim) {}

  int64_t particles() const { return particles_; }  ///< N
  int64_t space_dim() const { return dim_; }        ///< D
  static Tensor centred(const Tensor& x);           ///< x [..., N, D] without its mean over the particles

  std::string describe() const override;
  Shape event_shape() const override { return {particles_, dim_}; }
  int64_t dim() const override { return (particles_ - 1) * dim_; }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override;
  Tensor log_base_density(const Tensor& x) const override;
  /// Length of the mean, of clouds larger than 1 in units of their root mean square.
  Tensor violation(const Tensor& x) const override;
  int64_t feature_size() const override { return particles_ * dim_; }
  Tensor features(const Tensor& x) const override { return x.flatten(-2); }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override;

  Tensor exp(const Tensor& x, const Tensor& v) const override { return x + v; }
  Tensor log(const Tensor& x, const Tensor& y) const override { return y - x; }
  /// Twice, since the mean of a cloud that is far away is known to a rounding of how far that is.
  Tensor project(const Tensor& x) const override { return centred(centred(x)); }
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override;
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override;
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override;
  Tensor tangent_basis(const Tensor& x) const override;
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override;
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override { return transport(x, y, w); }
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override;
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override;

 private:
  int64_t particles_, dim_;
};

/// `space` as a point cloud; OptionError naming `who` if it is none.
const PointCloud& as_point_cloud(const Space& space, const char* who);

}  // namespace genmatch
