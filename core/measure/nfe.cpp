#include "core/config/catalog.h"
#include "core/measure/evaluation.h"

namespace genmatch {
namespace {

class FunctionEvaluations final : public Metric {
 public:
  using Options = NoOptions;
  explicit FunctionEvaluations(const Options&) {}
  bool measures_fit() const override { return false; }
  Estimate value(Evaluation& evaluation) const override {
    const double calls = evaluation.sample_evaluations();
    return {calls, 0, evaluation.samples()[0].size(0)};
  }
};

}  // namespace

void add_nfe(Catalog& c) {
  c.metrics.add<FunctionEvaluations>(
      "nfe", {"number of function evaluations: how often the network is asked for a batch of samples", ""});
}

}  // namespace genmatch
