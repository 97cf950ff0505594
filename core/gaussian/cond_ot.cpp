#include "core/config/catalog.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class CondOt final : public GaussianSchedule {
 public:
  struct Options {
    double sigma_min = 0;
    void fields(Fields& f) { f("sigma_min", sigma_min, "sigma at the data", at_least(0) & below(1)); }
  };
  explicit CondOt(const Options& options) : fall_(1 - options.sigma_min) {}
  GaussianCoefficients at(const Tensor& t) const override {
    return {t, 1 - fall_ * t, at::ones_like(t), at::full_like(t, -fall_)};
  }

 private:
  double fall_;
};

}  // namespace

void add_cond_ot(Catalog& c) {
  c.gaussian_schedules.add<CondOt>("cond_ot",
                                   {"alpha = t, sigma = 1 - (1 - sigma_min) t: straight lines (conditional optimal "
                                    "transport, rectified flow).",
                                    "Lipman et al. 2023, arXiv 2210.02747; Liu et al. 2023, arXiv 2209.03003"});
}

}  // namespace genmatch
