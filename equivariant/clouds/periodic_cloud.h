#pragma once
#include "core/config/fields.h"
#include "core/process/manifold.h"

namespace genmatch {

/// N particles in a cubic box of D dimensions whose opposite faces are glued together: the flat torus of N D dimensions
/// with coordinates in [0, length), shape [N, D].
class PeriodicCloud final : public Manifold {
 public:
  struct Options {
    int64_t particles = 4;
    int64_t dim = 2;
    double length = 1;
    void fields(Fields& f);
  };
  explicit PeriodicCloud(const Options& options);

  int64_t particles() const { return particles_; }  ///< N
  int64_t space_dim() const { return dim_; }        ///< D
  double length() const { return length_; }

  std::string describe() const override;
  Shape event_shape() const override { return {particles_, dim_}; }
  int64_t dim() const override { return particles_ * dim_; }
  double log_volume() const override;
  double injectivity_radius() const override { return length_ / 2; }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override;
  Tensor log_base_density(const Tensor& x) const override;
  Tensor violation(const Tensor& x) const override;
  int64_t feature_size() const override { return 2 * particles_ * dim_; }
  Tensor features(const Tensor& x) const override;
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override;

  Tensor exp(const Tensor& x, const Tensor& v) const override { return project(x + v); }
  Tensor log(const Tensor& x, const Tensor& y) const override;
  Tensor project(const Tensor& x) const override;
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override { return transport(x, x, v); }
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override;
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override;
  Tensor tangent_basis(const Tensor& x) const override;
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override;
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override { return transport(x, y, w); }
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override;
  /// Von Mises of each coordinate, in units of length.
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override;

 private:
  double frequency() const;
  int64_t particles_, dim_;
  double length_;
};

}  // namespace genmatch
