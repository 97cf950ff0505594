#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Ve final : public GaussianSchedule {
 public:
  struct Options {
    double sigma_min = 0.01, sigma_max = 50;
    void fields(Fields& f) {
      f("sigma_min", sigma_min, "noise that is left at the data (t = 1)", above(0));
      f("sigma_max", sigma_max, "noise at t = 0: well above the spread of the data", above(0));
    }
  };
  explicit Ve(const Options& options)
      : sigma_min_(options.sigma_min), log_ratio_(std::log(options.sigma_max / options.sigma_min)) {
    if (!(log_ratio_ > 0)) throw OptionError("sigma_max", "must be above sigma_min");
  }
  GaussianCoefficients at(const Tensor& t) const override {
    const Tensor sigma = sigma_min_ * (log_ratio_ * (1 - t)).exp();
    return {at::ones_like(t), sigma, at::zeros_like(t), -log_ratio_ * sigma};
  }

 private:
  double sigma_min_, log_ratio_;
};

}  // namespace

void add_ve(Catalog& c) {
  c.gaussian_schedules.add<Ve>("ve", {"Variance-exploding diffusion: alpha = 1, sigma from sigma_max down to sigma_min "
                                      "in geometric progression.",
                                      "Song et al. 2021, arXiv 2011.13456, app. B, with time reversed"});
}

}  // namespace genmatch
