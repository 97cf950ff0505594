#pragma once
#include "core/config/fields.h"
#include "core/process/manifold.h"

namespace genmatch {

/// N particles in D dimensions with their mean at the origin: the flat subspace of R^{N x D} of dimension (N - 1) D,
/// with its own Lebesgue measure. The base law is the standard normal of the subspace, whose log-density is
/// -|x|^2 / 2 - (N - 1) D / 2 ln 2 pi. Köhler et al. 2020, arXiv 2006.02425, sec. 4.2.
///
/// If there may be fewer particles, it is the union of these spaces for n = fewest, ..., N, and which rows of a cloud
/// are particles is its component: the others are zeros, exactly. No process adds or takes away any. Densities are
/// those of clouds of the same number; sample() draws clouds of all N. A particle at the origin itself stands a hair
/// (1e-20) beside it. A cloud of nothing but zeros is one of N particles, all at the origin.
class PointCloud final : public Manifold {
 public:
  struct Options {
    int64_t particles = 4;
    int64_t dim = 2;
    std::optional<int64_t> fewest = {};
    void fields(Fields& f);
  };
  /// OptionError "fewest" beyond `particles`.
  explicit PointCloud(const Options& options);

  int64_t particles() const { return particles_; }      ///< N
  int64_t fewest() const { return fewest_; }            ///< N unless the number varies
  int64_t space_dim() const { return dim_; }            ///< D
  static Tensor centred(const Tensor& x);               ///< x [..., N, D] without its mean over N particles
  bool varies() const { return fewest_ < particles_; }  ///< whether the number of particles does
  /// 1 for rows that are particles, 0 for others, [..., N, 1]; undefined if all always are.
  Tensor presence(const Tensor& x) const;
  /// v [..., N, D] without its mean over the particles that are there, and zero elsewhere.
  static Tensor centred(const Tensor& v, const Tensor& presence);

  std::string describe() const override;
  Shape event_shape() const override { return {particles_, dim_}; }
  int64_t dim() const override { return (particles_ - 1) * dim_; }
  Tensor dim_at(const Tensor& x) const override;
  Tensor component(const Tensor& x) const override;
  Tensor in_component_of(const Tensor& like, const Tensor& x) const override;

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override;
  Tensor log_base_density(const Tensor& x) const override;
  /// Length of the mean, of clouds larger than 1 in units of their root mean square; infinite with too few particles.
  Tensor violation(const Tensor& x) const override;
  int64_t feature_size() const override { return particles_ * dim_; }
  Tensor features(const Tensor& x) const override { return x.flatten(-2); }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override;

  Tensor exp(const Tensor& x, const Tensor& v) const override { return x + v; }
  Tensor log(const Tensor& x, const Tensor& y) const override;
  Tensor distance(const Tensor& x, const Tensor& y) const override;  ///< infinite between components
  /// Twice, since the mean of a cloud that is far away is known to a rounding of how far that is.
  Tensor project(const Tensor& x) const override;
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override;
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override;
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override;
  /// Where particles are missing, some of the vectors are zero and the rest a basis.
  Tensor tangent_basis(const Tensor& x) const override;
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override;
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override { return transport(x, y, w); }
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override;
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override;

 private:
  Tensor same_component(const Tensor& x, const Tensor& y) const;  // [...]
  int64_t particles_, dim_, fewest_;
};

/// `space` as a point cloud; OptionError naming `who` if it is none.
const PointCloud& as_point_cloud(const Space& space, const char* who);
/// The same, and OptionError if the number of particles varies.
const PointCloud& as_fixed_cloud(const Space& space, const char* who);

}  // namespace genmatch
