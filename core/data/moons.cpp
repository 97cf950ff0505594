#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "core/data/plane_dataset.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class Moons final : public PlaneDataset {
 public:
  struct Options : PlaneOptions {
    double noise = 0.05, scale = 1;
    std::vector<double> offset{0, 0};
    void fields(Fields& f) {
      PlaneOptions::fields(f);
      f("noise", noise, "standard deviation about the half circles of radius 1, before scaling", at_least(0));
      f("scale", scale, "multiplies the points", above(0));
      f("offset", offset, "is added to the scaled points: [x, y]");
    }
  };
  Moons(const Options& options, const DataContext& context)
      : PlaneDataset(options, context), noise_(options.noise), scale_(options.scale), offset_(options.offset) {
    if (offset_.size() != 2)
      throw OptionError("offset", fmt::format("expected [x, y], got {} numbers", offset_.size()));
  }

 private:
  Tensor draw(int64_t n, Rng& rng) const override {
    const Tensor inner = rng.integers(2, {n}).to(at::kDouble);
    const Tensor angle = M_PI * rng.uniform({n}, at::kDouble), side = 1 - 2 * inner;
    const Tensor moons = at::stack({inner + side * at::cos(angle), 0.5 * inner + side * at::sin(angle)}, 1);
    const Tensor noisy = moons + noise_ * rng.normal({n, 2}, at::kDouble);
    return scale_ * noisy + at::tensor(offset_, at::kDouble);
  }
  std::string law() const override {
    return fmt::format("moons noise={} scale={} offset={}", noise_, scale_, fmt::join(offset_, ","));
  }
  double noise_, scale_;
  std::vector<double> offset_;
};

}  // namespace

void add_moons(Catalog& c) {
  c.datasets.add<Moons>(
      "moons", {"Two interleaving half circles in the plane with Gaussian noise.", "scikit-learn, make_moons"});
}

}  // namespace genmatch
