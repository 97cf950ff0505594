#pragma once
// A Riemannian manifold of dimension dim(), its points and tangents given in coordinates of shape event_shape():
// unit vectors of R^{n+1} for S^n, angles in [-pi, pi) for the flat torus.
#include <limits>
#include <string>

#include "core/process/space.h"

namespace genmatch {

/// Laws (tests/conformance/manifold_test.cpp), for x, y within the injectivity radius and v, w tangent at x:
///  1. exp_x(log_x y) = y,  log_x(exp_x v) = v,  exp_x(0) = x,  log_x(x) = 0.
///  2. exp and project land on the manifold; to_tangent is the orthogonal projection (idempotent, self-adjoint).
///  3. |log_x y| = distance(x, y); t -> exp_x(t v) has constant speed |v|.
///  4. transport x -> y keeps inner products and sends log_x y to -log_y x.
///  5. tangent_basis(x) is orthonormal in the metric and spans the tangent space.
///  6. The share of the base law within r <= injectivity_radius() of x is the integral over |v| < r of
///     exp(log_base_density(exp_x v) + log_volume_distortion(x, v)); where the base law is uniform its density is
///     exp(-log_volume()). log_volume_distortion is the log-determinant of the differential of exp_x.
///  7. dlog and to_tangent_jvp are the directional derivatives of log and to_tangent.
///  8. covariant(x, v, e, dv) is linear in (v, dv), tangent, and the divergence it gives,
///     sum_i <e_i, covariant(x, v, e_i, D_{e_i} v)>, integrates to zero over a compact manifold.
///  9. retract(x, v) = exp_x(v) + O(|v|^3) or better than first order; lands on the manifold.
/// 10. log_kernel integrates to one over the manifold and is largest at the centre.
/// 11. All of it holds in float32 to its precision, with batches of 0 and 1 rows, zero tangents, and near the
///     cut locus without NaN.
class Manifold : public Space {
 public:
  const Manifold* manifold() const override { return this; }
  virtual int64_t dim() const = 0;  ///< that of the largest component, if they differ
  /// That of the component of each point, to be multiplied by: [...], or a scalar (the default) where they all agree.
  virtual Tensor dim_at(const Tensor& x) const;
  virtual double log_volume() const { return std::numeric_limits<double>::infinity(); }
  virtual double injectivity_radius() const { return std::numeric_limits<double>::infinity(); }
  bool compact() const override { return log_volume() < std::numeric_limits<double>::infinity(); }

  virtual Tensor exp(const Tensor& x, const Tensor& v) const = 0;
  /// The shortest tangent v with exp_x(v) = y; at the cut locus one of them, never NaN.
  virtual Tensor log(const Tensor& x, const Tensor& y) const = 0;
  virtual Tensor project(const Tensor& x) const = 0;
  virtual Tensor to_tangent(const Tensor& x, const Tensor& v) const = 0;
  /// Of vectors in coordinates, tangent or not.
  virtual Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const = 0;
  /// Parallel transport of v from x to y along the shortest geodesic.
  virtual Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const = 0;
  /// First-order approximation of exp that is cheaper, or exp itself.
  virtual Tensor retract(const Tensor& x, const Tensor& v) const;

  /// Orthonormal basis of the tangent space: [dim, ..., *event].
  virtual Tensor tangent_basis(const Tensor& x) const = 0;
  /// Turns white noise z [..., *event] of the coordinates into white noise of the tangent space:
  /// E<a, n><b, n> = <a, b>. Smooth in x. The default projects, right for metrics induced by the coordinates.
  virtual Tensor tangent_noise(const Tensor& x, const Tensor& z) const;
  /// ln |det d(exp_x)_v|.
  virtual Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const = 0;

  /// Derivative of y -> log_x(y) at y along w (tangent at y): the pull-back of w to the tangent space at x. The
  /// default takes central differences of log.
  virtual Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const;
  /// Derivative of (x, v) -> to_tangent(x, v) along (dx, dv).
  virtual Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const = 0;
  /// Covariant derivative of a tangent field along e, given its value v and coordinate derivative dv = D_e v. The
  /// default projects dv, right for embedded manifolds with the induced metric.
  virtual Tensor covariant(const Tensor& x, const Tensor& v, const Tensor& e, const Tensor& dv) const;

  /// ln of the manifold's normalised isotropic kernel with concentration k ~ 1/sigma^2 (von Mises–Fisher on
  /// spheres, product von Mises on tori, Gaussian on R^d), as used by kernel density estimates.
  virtual Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const = 0;

  Tensor norm(const Tensor& x, const Tensor& v) const;
  Tensor distance(const Tensor& x, const Tensor& y) const override;  ///< |log_x y|
  /// exp_x(dt drift + sqrt(dt variance) noise).
  Tensor advance(const Tensor& x, const Coefficients& c, const Tensor& dt, Rng& rng) const override;
};

}  // namespace genmatch
