#include <fmt/format.h>

#include <cmath>

#include "core/data/mixture.h"
#include "core/data/synthetic_dataset.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class EightGaussians final : public SyntheticDataset {
 public:
  struct Options : SyntheticOptions {
    double radius = 5, noise = 0.1;
    void fields(Fields& f) {
      SyntheticOptions::fields(f);
      f("radius", radius, "distance of the eight centres from the origin", above(0));
      f("noise", noise, "standard deviation about a centre", at_least(0));
    }
  };
  EightGaussians(const Options& options, const DataContext& context)
      : SyntheticDataset(options, context, 2, 8), radius_(options.radius), noise_(options.noise) {}

 private:
  Draw draw(int64_t n, Rng& rng) const override {
    const Tensor label = rng.integers(8, {n});
    return {circle(8, radius_).index_select(0, label) + noise_ * rng.normal({n, 2}, at::kDouble), label};
  }
  GaussianMixture mixture() const {
    const Tensor each = at::ones({8}, at::kDouble);
    return {circle(8, radius_), noise_ * each, -std::log(8.) * each};
  }
  Tensor log_law(const Tensor& x) const override {
    return noise_ == 0 ? Tensor() : genmatch::log_density(mixture(), x);
  }
  Tensor log_law_given(const Tensor& x, const Tensor& label) const override {
    return noise_ == 0 ? Tensor() : log_density_of(mixture(), x, label);
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
