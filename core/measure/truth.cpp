#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Truth final : public Baseline {
 public:
  using Options = NoOptions;
  explicit Truth(const Options&) {}

  Tensor log_density(const Spaces&, const Splits& splits, const State& x) const override {
    const Tensor known = splits.origin ? splits.origin->log_density(x) : Tensor();
    if (!known.defined()) throw ContractError("truth baseline: expected data whose density is known; use kde instead");
    return known;
  }
  bool applies(const Spaces&, const Splits& splits) const override {
    return splits.origin && splits.origin->log_density(splits.train.select(at::empty({0}, at::kLong)).x).defined();
  }
};

}  // namespace

void add_truth(Catalog& c) {
  c.baselines.add<Truth>("truth", {"the density that synthetic data are drawn from, where it is known: the best that a "
                                   "model can reach in the mean",
                                   ""});
}

}  // namespace genmatch
