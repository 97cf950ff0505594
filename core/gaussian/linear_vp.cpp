#include "core/config/catalog.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class LinearVp final : public GaussianSchedule {
 public:
  using Options = NoOptions;
  explicit LinearVp(const Options&) {}
  GaussianCoefficients at(const Tensor& t) const override {
    const Tensor sigma = ((1 - t) * (1 + t)).sqrt();
    return {t, sigma, at::ones_like(t), -t / keep_from_zero(sigma)};
  }
};

}  // namespace

void add_linear_vp(Catalog& c) {
  c.gaussian_schedules.add<LinearVp>("linear_vp", {"alpha = t, sigma = sqrt(1 - t^2): the variance is kept, and the "
                                                   "share of the data grows linearly.",
                                                   "Lipman et al. 2024, arXiv 2412.06264"});
}

}  // namespace genmatch
