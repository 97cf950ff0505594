#include <algorithm>

#include "core/errors.h"
#include "core/measure/bandwidth.h"
#include "core/measure/density.h"
#include "core/measure/evaluation.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

// (1 - w)/N sum_i prod_f K_f(x, x_i; k_f) + w uniform, over the train rows x_i.
class Kde final : public Baseline {
 public:
  using Options = BandwidthOptions;
  explicit Kde(const Options& options) : options_(options) { options.check(); }

  Tensor log_density(const Spaces& spaces, const Splits& splits, const State& x) const override {
    if (!applies(spaces, splits)) throw ContractError("kde baseline: expected manifolds, got a space without a kernel");
    if (splits.train.rows() == 0) throw DataError("kde baseline: there are no training rows");
    const Bandwidth b = choose_bandwidth(options_, spaces, splits);
    const Tensor kernel = log_kernel_mean(spaces, splits.train.x, x, b.concentrations);
    return all_compact(spaces) ? log_mixture(kernel, log_uniform(spaces, x), b.uniform_weight) : kernel;
  }
  bool applies(const Spaces& spaces, const Splits&) const override {
    // Where a space falls apart, densities are those of each component, and kernels would have to know their shares.
    return std::all_of(spaces.begin(), spaces.end(), [](const SpacePtr& s) {
      return s->manifold() != nullptr && s->manifold()->dim() > 0 && !s->falls_apart();
    });
  }

 private:
  Options options_;
};

}  // namespace

void add_kde(Catalog& c) {
  c.baselines.add<Kde>("kde", {"kernel density estimate over the training rows (von Mises–Fisher on spheres, von Mises "
                               "on tori, Gaussian on R^d) mixed with the uniform density; bandwidths by validation",
                               "Hall, Watson & Cabrera 1987, doi:10.1093/biomet/74.4.751"});
}

}  // namespace genmatch
