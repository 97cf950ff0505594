#include "core/errors.h"
#include "core/measure/density.h"
#include "core/measure/evaluation.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class UniformBaseline final : public Baseline {
 public:
  using Options = NoOptions;
  explicit UniformBaseline(const Options&) {}

  Tensor log_density(const Spaces& spaces, const Splits& splits, const State& x) const override {
    if (!applies(spaces, splits))
      throw ContractError("uniform baseline: expected compact spaces, got one of infinite volume; use kde instead");
    return log_uniform(spaces, x);
  }
  bool applies(const Spaces& spaces, const Splits&) const override { return all_compact(spaces); }
};

}  // namespace

void add_uniform_baseline(Catalog& c) {
  c.baselines.add<UniformBaseline>("uniform", {"the uniform density, on compact spaces", ""});
}

}  // namespace genmatch
