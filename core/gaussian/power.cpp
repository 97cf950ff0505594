#include "core/config/catalog.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Power final : public GaussianSchedule {
 public:
  struct Options {
    double power = 2;
    void fields(Fields& f) { f("power", power, "n in alpha = t^n", at_least(1)); }
  };
  explicit Power(const Options& options) : power_(options.power) {}
  GaussianCoefficients at(const Tensor& t) const override {
    const Tensor alpha = t.pow(power_), speed = power_ * t.pow(power_ - 1);
    return {alpha, 1 - alpha, speed, -speed};
  }

 private:
  double power_;
};

}  // namespace

void add_power(Catalog& c) {
  c.gaussian_schedules.add<Power>("power", {"alpha = t^power, sigma = 1 - t^power: straight lines, slow near the "
                                            "noise.",
                                            "Lipman et al. 2024, arXiv 2412.06264"});
}

}  // namespace genmatch
