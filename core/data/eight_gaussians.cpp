#include <fmt/format.h>

#include <cmath>

#include "core/data/plane_dataset.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class EightGaussians final : public PlaneDataset {
 public:
  struct Options : PlaneOptions {
    double radius = 5, noise = 0.1;
    void fields(Fields& f) {
      PlaneOptions::fields(f);
      f("radius", radius, "distance of the eight centres from the origin", above(0));
      f("noise", noise, "standard deviation about a centre", at_least(0));
    }
  };
  EightGaussians(const Options& options, const DataContext& context)
      : PlaneDataset(options, context), radius_(options.radius), noise_(options.noise) {}

 private:
  Tensor draw(int64_t n, Rng& rng) const override {
    const Tensor angle = rng.integers(8, {n}).to(at::kDouble) * (M_PI / 4);
    const Tensor centre = radius_ * at::stack({at::cos(angle), at::sin(angle)}, 1);
    return centre + noise_ * rng.normal({n, 2}, at::kDouble);
  }
  std::string law() const override { return fmt::format("eight_gaussians radius={} noise={}", radius_, noise_); }
  double radius_, noise_;
};

}  // namespace

void add_eight_gaussians(Catalog& c) {
  c.datasets.add<EightGaussians>(
      "eight_gaussians", {"Eight equal Gaussians on a circle in the plane.", "Tong et al. 2024, arXiv 2302.00482"});
}

}  // namespace genmatch
