#include <cmath>

#include "core/config/catalog.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Trigonometric final : public GaussianSchedule {
 public:
  using Options = NoOptions;
  explicit Trigonometric(const Options&) {}
  // The cosine as the sine of what is left: no rounding below zero at t = 1.
  GaussianCoefficients at(const Tensor& t) const override {
    const Tensor alpha = (M_PI / 2 * t).sin(), sigma = (M_PI / 2 * (1 - t)).sin();
    return {alpha, sigma, M_PI / 2 * sigma, -M_PI / 2 * alpha};
  }
};

}  // namespace

void add_trigonometric(Catalog& c) {
  c.gaussian_schedules.add<Trigonometric>(
      "trigonometric", {"alpha = sin(pi t / 2), sigma = cos(pi t / 2): the variance is kept (cosine schedule).",
                        "Albergo & Vanden-Eijnden 2023, arXiv 2209.15571; Nichol & Dhariwal 2021, arXiv 2102.09672"});
}

}  // namespace genmatch
