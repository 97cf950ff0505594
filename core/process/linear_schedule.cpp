#include "core/config/catalog.h"
#include "core/ops.h"
#include "core/process/schedule.h"

namespace genmatch {
namespace {

class LinearSchedule final : public Schedule {
 public:
  using Options = NoOptions;
  explicit LinearSchedule(const Options&) {}
  Tensor value(const Tensor& t) const override { return t; }
  Tensor derivative(const Tensor& t) const override { return at::ones_like(t); }
};

}  // namespace

void add_linear_schedule(Catalog& c) {
  c.schedules.add<LinearSchedule>("linear", {"kappa = t: constant speed.", "Lipman et al. 2023, arXiv 2210.02747"});
}

}  // namespace genmatch
