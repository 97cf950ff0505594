#include <cmath>

#include "core/config/catalog.h"
#include "core/numerics/smooth.h"
#include "core/numerics/special.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

constexpr double kPi = 3.14159265358979323846;

Tensor dot_last(const Tensor& a, const Tensor& b) { return (a * b).sum(-1, true); }

double epsilon(const Tensor& x) { return x.scalar_type() == at::kDouble ? 0x1p-52 : 0x1p-23; }

/// A unit tangent at x that is also one at -x: the direction in which geodesics to the antipode are taken.
Tensor some_tangent(const Tensor& x) {
  const Tensor point = x.detach(), least = point.abs().argmin(-1, true);
  const Tensor e = at::zeros_like(point).scatter(-1, least, 1), v = e - dot_last(point, e) * point;
  return v / safe_norm(v);
}

/// The way from x to y: y = cos(angle) x + sin(angle) v / |v|.
struct Way {
  Tensor v;         // tangent at x, of length sin(angle)
  Tensor cos;       // of the angle
  Tensor antipode;  // true where v is but rounding noise and any direction will do
};

// y - x or y + x is free of cancellation near the point and near its antipode, where y - <x, y> x is all noise.
Way way(const Tensor& x, const Tensor& y) {
  const Tensor c = dot_last(x, y), z = y - c.detach().sign() * x, v = z - dot_last(x, z) * x;
  return {v, c, (c < 0).logical_and(v.detach().square().sum(-1, true) < std::pow(epsilon(v), 2))};
}

/// Unit tangent at x towards y; zero at y = x.
Tensor direction(const Way& w, const Tensor& x) {
  const Tensor square = w.v.square().sum(-1, true), none = square <= std::pow(epsilon(w.v), 4);
  return at::where(w.antipode, some_tangent(x), w.v / square.masked_fill(none, 1).sqrt());
}

/// angle / sin(angle); some finite number at the antipode.
Tensor angle_over_sine(const Way& w) {
  const Tensor square = w.v.square().sum(-1, true), near = (w.cos > 0).logical_and(square < 1e-3);
  const Tensor sine = square.masked_fill(near.logical_or(w.antipode), 1).sqrt();
  return at::where(near, arcsinc_sqrt_small(square.masked_fill(~near, 0)), at::atan2(sine, w.cos) / sine);
}

/// S^n as the unit vectors of R^{n+1}, with the metric of R^{n+1}.
class Sphere final : public Manifold {
 public:
  struct Options {
    int64_t dim = 2;
    void fields(Fields& f) { f("dim", dim, "dimension n of S^n, the unit vectors of R^(n+1)", at_least(1)); }
  };

  explicit Sphere(const Options& options) : n_(options.dim) {}
  std::string describe() const override { return "S^" + std::to_string(n_); }
  Shape event_shape() const override { return {n_ + 1}; }
  int64_t dim() const override { return n_; }
  double log_volume() const override { return log_sphere_area(n_); }
  double injectivity_radius() const override { return kPi; }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return project(rng.normal({n, n_ + 1}, like));
  }
  Tensor log_base_density(const Tensor& x) const override { return at::full_like(x.select(-1, 0), -log_volume()); }
  Tensor violation(const Tensor& x) const override { return (safe_norm(x) - 1).abs().squeeze(-1); }
  /// Twice the angle between x + y and x (Kahan): accurate from one end to the other.
  Tensor distance(const Tensor& x, const Tensor& y) const override {
    return 2 * at::atan2(safe_norm(x - y), safe_norm(x + y)).squeeze(-1);
  }

  int64_t feature_size() const override { return n_ + 1; }
  Tensor features(const Tensor& x) const override { return x; }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override { return at::broadcast_tensors({x, dx})[1]; }

  Tensor exp(const Tensor& x, const Tensor& v) const override {
    const Tensor square = dot_last(v, v), y = cos_sqrt(square) * x + sinc_sqrt(square) * v;
    return y / safe_norm(y);  // or rounding would add up over many steps
  }
  Tensor log(const Tensor& x, const Tensor& y) const override {
    const Way w = way(x, y);
    return at::where(w.antipode, kPi * some_tangent(x), angle_over_sine(w) * w.v);
  }
  Tensor project(const Tensor& x) const override {
    const Tensor size = x.detach().abs().amax(-1, true), zero = size == 0;
    const Tensor pole = at::zeros_like(x).index_fill(-1, at::full({1}, n_, at::kLong).to(x.device()), 1);
    const Tensor scaled = at::where(zero, pole, x / size.masked_fill(zero, 1));  // squares neither over- nor underflow
    return scaled / safe_norm(scaled);
  }
  Tensor retract(const Tensor& x, const Tensor& v) const override { return project(x + v); }
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override { return v - dot_last(x, v) * x; }
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override {
    return dv - (dot_last(x, dv) + dot_last(dx, v)) * x - dot_last(x, v) * dx;
  }
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override {
    const auto all = at::broadcast_tensors({x, u, v});
    return (all[1] * all[2]).sum(-1);
  }
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override {
    const Tensor c = dot_last(x, y), near = c > 0, u = direction(way(x, y), x), arrival = -direction(way(y, x), y);
    const Tensor closed = v - dot_last(y, v) / (1 + c).masked_fill(~near, 1) * (x + y);
    return to_tangent(y, at::where(near, closed, v + dot_last(u, v) * (arrival - u)));
  }
  /// The reflection that takes x to the last axis takes the other axes to a basis at x.
  Tensor tangent_basis(const Tensor& x) const override {
    const Tensor last = x.narrow(-1, n_, 1), sign = at::where(last < 0, -at::ones_like(last), at::ones_like(last));
    const Tensor normal = at::cat({x.narrow(-1, 0, n_), last + sign}, -1);
    const Tensor weights = (x.narrow(-1, 0, n_) / (1 + last.abs())).movedim(-1, 0).unsqueeze(-1);
    Shape rows(x.dim() + 1, 1);
    rows.front() = n_, rows.back() = n_ + 1;
    return at::eye(n_, n_ + 1, x.options()).reshape(rows) - weights * normal;
  }
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override {
    const Tensor square = at::broadcast_tensors({x, v})[1].square().sum(-1);
    return n_ == 1 ? at::zeros_like(square) : static_cast<double>(n_ - 1) * sinc_sqrt(square).abs().log();
  }
  /// Along the geodesic the pull-back keeps lengths; across it, it stretches them by angle / sin(angle).
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override {
    const Way there = way(x, y);
    const Tensor u = direction(there, x), arrival = -direction(way(y, x), y), along = dot_last(arrival, w);
    return to_tangent(x, along * u + angle_over_sine(there) * (w - along * arrival));
  }
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override {
    const Tensor versine = 0.5 * (x - centre).square().sum(-1);  // 1 - cos without cancellation
    return versine * (-concentration) + log_von_mises_fisher_peak(n_, concentration);
  }

 private:
  int64_t n_;
};

}  // namespace

void add_sphere(Catalog& c) { c.spaces.add<Sphere>("sphere", {"Sphere S^n, the unit vectors of R^(n+1)", ""}); }

}  // namespace genmatch
