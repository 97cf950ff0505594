#include <cmath>
#include <limits>

#include "core/config/catalog.h"
#include "core/numerics/rotation.h"
#include "core/numerics/smooth.h"
#include "core/numerics/special.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

constexpr double kPi = 3.14159265358979323846;

Tensor times_vector(const Tensor& matrix, const Tensor& v) { return matrix.matmul(v.unsqueeze(-1)).squeeze(-1); }

/// (1 - (h / tan h)) / (4 h^2) for h = sqrt(q) / 2: smooth up to q = (2 pi)^2.
Tensor inverse_jacobian_factor(const Tensor& q) {
  const Tensor small = q < 1e-2, s = q.masked_fill(~small, 0), large = q.masked_fill(small, 1);
  const Tensor series = 1. / 12 + s * (1. / 720 + s * (1. / 30240 + s * (1. / 1209600)));
  return at::where(small, series, (1 - cos_sqrt(large / 4) / sinc_sqrt(large / 4)) / large);
}

/// SO(3) as matrices X with tangents X hat(w). The length of a tangent is |w|, half the Frobenius norm squared: that of
/// a geodesic is the angle turned. The metric, and so exp, does not see products from the left or from the right.
class SO3 final : public Manifold {
 public:
  using Options = NoOptions;
  explicit SO3(const Options&) {}

  std::string describe() const override { return "SO(3)"; }
  Shape event_shape() const override { return {3, 3}; }
  int64_t dim() const override { return 3; }
  double log_volume() const override { return std::log(8 * kPi * kPi); }
  double injectivity_radius() const override { return kPi; }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return rotation_from_quaternion(rng.normal({n, 4}, like));
  }
  Tensor log_base_density(const Tensor& x) const override {
    return at::full_like(x.select(-1, 0).select(-1, 0), -log_volume());
  }
  /// Length of what is to be added to come to the nearest orthogonal matrix; infinite for mirror images.
  Tensor violation(const Tensor& x) const override {
    const Tensor off = x.transpose(-1, -2).matmul(x) - at::eye(3, x.options());
    const Tensor mirrored = at::linalg_det(x) <= 0;
    return (off.square().sum({-2, -1}) / 8).sqrt().masked_fill(mirrored, std::numeric_limits<double>::infinity());
  }
  /// From sine and cosine, which between them know small angles as well as those near pi.
  Tensor distance(const Tensor& x, const Tensor& y) const override {
    const Tensor versine = (y - x).square().sum({-2, -1}) / 4, sine = safe_norm(body(x, y - x)).squeeze(-1);
    return at::atan2(sine, 1 - versine);
  }

  int64_t feature_size() const override { return 9; }
  Tensor features(const Tensor& x) const override { return x.flatten(-2); }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override {
    return at::broadcast_tensors({x, dx})[1].flatten(-2);
  }

  Tensor exp(const Tensor& x, const Tensor& v) const override {
    const Tensor y = x + x.matmul(rotation_less_identity(body(x, v)));
    const Tensor off = y.transpose(-1, -2).matmul(y) - at::eye(3, y.options());
    return y - 0.5 * y.matmul(off);  // or rounding would add up over many steps
  }
  Tensor log(const Tensor& x, const Tensor& y) const override { return tangent(x, way(x, y)); }
  Tensor project(const Tensor& x) const override { return nearest_rotation(x); }
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override { return tangent(x, body(x, v)); }
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override {
    return dx.matmul(hat(body(x, v))) + x.matmul(hat(body(dx, v) + body(x, dv)));
  }
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override {
    const auto all = at::broadcast_tensors({x, u, v});
    return 0.5 * (all[1] * all[2]).sum({-2, -1});
  }
  /// Along t -> x exp(t hat(w)) a parallel field turns back, in the coordinates of the body, by half of what the body
  /// has turned.
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override {
    const Tensor w = way(x, y), a = body(x, v);
    return tangent(y, a + times_vector(rotation_less_identity(-0.5 * w), a));
  }
  Tensor tangent_basis(const Tensor& x) const override {
    Shape shape(x.dim() - 1, 1);
    shape.front() = 3;
    shape.push_back(3);
    shape.push_back(3);
    return x.matmul(hat(at::eye(3, x.options())).reshape(shape));
  }
  /// The projection halves the variance of each of the entries that it makes opposite.
  Tensor tangent_noise(const Tensor& x, const Tensor& z) const override { return std::sqrt(2) * to_tangent(x, z); }
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override {
    return 2 * sinc_sqrt(inner(x, v, v) / 4).abs().log();
  }
  /// The inverse of exp's right Jacobian (Chirikjian 2012, Stochastic Models, Information Theory, and Lie Groups 2,
  /// 10.86); finite up to the cut locus.
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override {
    const Tensor v = way(x, y), b = body(y, w), turn = hat(v), once = times_vector(turn, b);
    return tangent(x, b + 0.5 * once + inverse_jacobian_factor(v.square().sum(-1, true)) * times_vector(turn, once));
  }
  /// exp(concentration (cos angle - 1)) up to its normaliser: the isotropic matrix Fisher law (Mardia & Jupp 2000,
  /// Directional Statistics, 13.2.3).
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override {
    const double i0 = log_bessel_i_scaled(0, concentration), i1 = log_bessel_i_scaled(1, concentration);
    const double peak = -log_volume() - i0 - std::log(-std::expm1(i1 - i0));  // I0 - I1 without cancellation
    return (x - centre).square().sum({-2, -1}) * (-0.25 * concentration) + peak;
  }

 private:
  static Tensor tangent(const Tensor& x, const Tensor& w) { return x.matmul(hat(w)); }
  /// The coordinates w of what is tangent in v.
  static Tensor body(const Tensor& x, const Tensor& v) { return vee(x.transpose(-1, -2).matmul(v)); }
  /// log in coordinates of the body.
  static Tensor way(const Tensor& x, const Tensor& y) {
    return rotation_vector(quaternion_from_difference(x.transpose(-1, -2).matmul(y - x)));
  }
};

}  // namespace

void add_so3(Catalog& c) {
  c.spaces.add<SO3>("so3", {"Rotations of three-dimensional space as 3x3 matrices; distance is the angle turned", ""});
}

}  // namespace genmatch
