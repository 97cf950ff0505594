#include <cmath>

#include "core/config/catalog.h"
#include "core/ops.h"
#include "core/process/schedule.h"

namespace genmatch {
namespace {

class CosineSchedule final : public Schedule {
 public:
  using Options = NoOptions;
  explicit CosineSchedule(const Options&) {}
  Tensor value(const Tensor& t) const override { return (M_PI / 2 * t).sin().square(); }
  Tensor derivative(const Tensor& t) const override { return M_PI / 2 * (M_PI * t).sin(); }
};

}  // namespace

void add_cosine_schedule(Catalog& c) {
  c.schedules.add<CosineSchedule>("cosine", {"kappa = sin^2(pi t / 2): at rest at both ends.",
                                             "the shape of Nichol & Dhariwal 2021, arXiv 2102.09672, without offset"});
}

}  // namespace genmatch
