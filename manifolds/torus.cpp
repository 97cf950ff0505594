#include <cmath>

#include "core/config/catalog.h"
#include "core/numerics/special.h"
#include "core/ops.h"
#include "core/process/flat_manifold.h"

namespace genmatch {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// The angle in [-pi, pi). Angles that lie there already come back bit for bit: x + pi - pi would lose digits.
Tensor wrap(const Tensor& angle) {
  const Tensor point = angle.detach(), inside = (point >= -kPi).logical_and(point < kPi);
  const Tensor wrapped = angle - 2 * kPi * ((point + kPi) / (2 * kPi)).floor().masked_fill(inside, 0);
  const double last = point.scalar_type() == at::kDouble ? kPi - 0x1p-51 : static_cast<float>(kPi) - 0x1p-22;
  return wrapped + (wrapped.clamp(-kPi, last) - wrapped).detach();  // rounding may end outside
}

class Torus final : public FlatManifold {
 public:
  struct Options {
    int64_t dim = 2;
    void fields(Fields& f) { f("dim", dim, "dimension n of T^n, the number of angles", at_least(1)); }
  };

  explicit Torus(const Options& options) : FlatManifold(options.dim) {}
  std::string describe() const override { return "T^" + std::to_string(dim()); }
  double log_volume() const override { return static_cast<double>(dim()) * std::log(2 * kPi); }
  double injectivity_radius() const override { return kPi; }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return wrap((2 * kPi) * rng.uniform({n, dim()}, like) - kPi);
  }
  Tensor log_base_density(const Tensor& x) const override { return at::full_like(x.select(-1, 0), -log_volume()); }
  Tensor violation(const Tensor& x) const override {
    return ((x - kPi).clamp_min(0) + (-kPi - x).clamp_min(0)).sum(-1);
  }

  int64_t feature_size() const override { return 2 * dim(); }
  Tensor features(const Tensor& x) const override { return at::cat({x.cos(), x.sin()}, -1); }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override {
    return at::cat({-x.sin() * dx, x.cos() * dx}, -1);
  }

  Tensor exp(const Tensor& x, const Tensor& v) const override { return wrap(x + v); }
  Tensor log(const Tensor& x, const Tensor& y) const override { return wrap(y - x); }
  Tensor project(const Tensor& x) const override { return wrap(x); }
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override {
    const Tensor versine = 2 * (0.5 * log(centre, x)).sin().square();  // 1 - cos without cancellation
    return versine.sum(-1) * (-concentration) +
           static_cast<double>(dim()) * log_von_mises_fisher_peak(1, concentration);
  }
};

}  // namespace

void add_torus(Catalog& c) {
  c.spaces.add<Torus>("torus", {"Flat torus T^n: n angles in [-pi, pi), each with period 2 pi", ""});
}

}  // namespace genmatch
