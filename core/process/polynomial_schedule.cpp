#include "core/config/catalog.h"
#include "core/ops.h"
#include "core/process/schedule.h"

namespace genmatch {
namespace {

class PolynomialSchedule final : public Schedule {
 public:
  struct Options {
    double power = 2;
    void fields(Fields& f) { f("power", power, "n in kappa = t^n", at_least(1)); }
  };
  explicit PolynomialSchedule(const Options& options) : power_(options.power) {}
  Tensor value(const Tensor& t) const override { return t.pow(power_); }
  Tensor derivative(const Tensor& t) const override { return power_ * t.pow(power_ - 1); }

 private:
  double power_;
};

}  // namespace

void add_polynomial_schedule(Catalog& c) {
  c.schedules.add<PolynomialSchedule>("polynomial", {"kappa = t^power: slow near the source, fast near the data.",
                                                     "Lipman et al. 2024, arXiv 2412.06264"});
}

}  // namespace genmatch
