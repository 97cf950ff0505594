#include <fmt/format.h>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// Mean of -ln p_1 over the test rows, in nats with respect to the measure of the space. The standard error is that
// over test rows, or groups of them; Hutchinson's noise is independent between rows, so their spread contains it.
class Nll final : public Metric {
 public:
  using Options = NoOptions;
  explicit Nll(const Options&) {}

  Estimate value(Evaluation& evaluation) const override {
    if (evaluation.splits().test.rows() == 0)
      throw DataError("nll: there are no test rows; give data.split.test a share, or take nll out of metrics");
    if (!evaluation.has_density())
      throw DataError("nll: the density of the source is not known; take nll out of metrics, or use another source");
    const Tensor log_density = evaluation.test_log_density();
    const int64_t rows = log_density.numel();
    // A mean over the rows that could be solved would flatter the model.
    if (const int64_t failed = log_density.isnan().sum().item<int64_t>(); failed > 0)
      throw NumericalError(
          fmt::format("nll: {} of {} test rows have no log-density because the solver failed on them; give "
                      "sampling.stepper more steps or a looser tolerance, or train longer",
                      failed, rows));
    if (const int64_t outside = log_density.isinf().sum().item<int64_t>(); outside > 0)
      evaluation.observer().warning(
          fmt::format("nll: {} of {} test rows have zero density under the model: the NLL is infinite", outside, rows));
    return estimate(-log_density, evaluation.splits().test.group);
  }
};

}  // namespace

void add_nll(Catalog& c) {
  c.metrics.add<Nll>("nll", {"mean negative log-density of the test rows, in nats",
                             "Chen et al. 2018, arXiv 1806.07366; Chen & Lipman 2024, arXiv 2302.03660, eq. 9"});
}

}  // namespace genmatch
