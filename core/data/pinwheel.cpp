#include <fmt/format.h>

#include <cmath>

#include "core/data/synthetic_dataset.h"
#include "core/ops.h"

namespace genmatch {

namespace {

// Each x is turned by angle [n].
Tensor turned(const Tensor& x, const Tensor& angle) {
  const Tensor c = at::cos(angle), s = at::sin(angle), a = x.select(1, 0), b = x.select(1, 1);
  return at::stack({c * a - s * b, s * a + c * b}, 1);
}

// A turn by an angle that depends on the radius alone keeps areas, so that the density is a closed form.
class Pinwheel final : public SyntheticDataset {
 public:
  struct Options : SyntheticOptions {
    int64_t arms = 5;
    double radial = 0.3, tangential = 0.1, twist = 0.25, scale = 2;
    void fields(Fields& f) {
      SyntheticOptions::fields(f);
      f("arms", arms, "how many", at_least(1));
      f("radial", radial, "standard deviation along an arm, about 1 and before scaling", above(0));
      f("tangential", tangential, "standard deviation across an arm, before scaling", above(0));
      f("twist", twist, "a point at radius r, before scaling, is turned by twist exp(r) radians");
      f("scale", scale, "multiplies the points", above(0));
    }
  };
  Pinwheel(const Options& options, const DataContext& context)
      : SyntheticDataset(options, context, 2, options.arms), o_(options) {}

 private:
  Tensor widths() const { return at::tensor({o_.radial, o_.tangential}, at::kDouble); }
  Tensor centre() const { return at::tensor({1., 0.}, at::kDouble); }
  Tensor twist(const Tensor& x) const { return o_.twist * x.norm(2, 1).exp(); }
  double arm_angle() const { return 2 * M_PI / static_cast<double>(o_.arms); }

  Draw draw(int64_t n, Rng& rng) const override {
    const Tensor arm = rng.integers(o_.arms, {n});
    const Tensor x = centre() + widths() * rng.normal({n, 2}, at::kDouble);
    return {o_.scale * turned(x, arm.to(at::kDouble) * arm_angle() + twist(x)), arm};
  }
  Tensor log_law_given(const Tensor& x, const Tensor& arm) const override {
    const Tensor y = x / o_.scale;
    const Tensor straight = turned(y, -arm.to(at::kDouble) * arm_angle() - twist(y));
    const double peak = std::log(2 * M_PI * o_.radial * o_.tangential);
    return -0.5 * ((straight - centre()) / widths()).square().sum(1) - peak - 2 * std::log(o_.scale);
  }
  Tensor log_law(const Tensor& x) const override {
    std::vector<Tensor> arms;
    for (int64_t k = 0; k < o_.arms; ++k) arms.push_back(log_law_given(x, at::full({x.size(0)}, k, at::kLong)));
    return at::logsumexp(at::stack(arms), 0) - std::log(static_cast<double>(o_.arms));
  }
  std::string law() const override {
    return fmt::format("pinwheel arms={} radial={} tangential={} twist={} scale={}", o_.arms, o_.radial, o_.tangential,
                       o_.twist, o_.scale);
  }
  Options o_;
};

}  // namespace

void add_pinwheel(Catalog& c) {
  c.datasets.add<Pinwheel>(
      "pinwheel", {"Twisted arms in the plane (twisted by a function of the radius, where the original takes the "
                   "coordinate along the arm, so that the density is known).",
                   "Johnson et al. 2016, arXiv 1603.06277; Grathwohl et al. 2019, arXiv 1810.01367"});
}

}  // namespace genmatch
