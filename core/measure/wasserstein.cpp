#include "core/measure/two_samples.h"
#include "core/ops.h"

namespace genmatch {
namespace {

// W_p between equal numbers of samples and test rows, exactly. It is above that of the laws, by O(n^(-1/d)) in d > 2
// dimensions. The standard error, analytic, is that of the cost at Kantorovich's potentials (del Barrio & Loubes 2019,
// Ann. Probab. 47(2)); it does not hold the bias, and is too large, at most twice, where the two laws are the same.
template <int power>
class Wasserstein final : public Metric {
 public:
  using Options = TwoSampleOptions;
  explicit Wasserstein(const Options& options) : points_(options.points) {}
  void check(const Spaces& spaces) const override { check_connected(spaces); }

  Estimate value(Evaluation& evaluation) const override {
    const TwoSamples s = two_samples(evaluation, points_, power == 1 ? "w1" : "w2");
    const OptimalTransport transport(evaluation.spaces(), s.model, s.data, power);
    const Estimate cost{transport.cost(), standard_error(transport.influence_of_a(), transport.influence_of_b()), s.n};
    return power == 1 ? cost : root(cost);
  }

 private:
  int64_t points_;
};

}  // namespace

void add_wasserstein(Catalog& c) {
  const char* source = "Villani 2009, doi:10.1007/978-3-540-71050-9, def. 6.1";
  c.metrics.add<Wasserstein<1>>("w1", {"Wasserstein distance of order 1 between samples and test rows by exact "
                                       "assignment, in the distance of the space",
                                       source});
  c.metrics.add<Wasserstein<2>>("w2", {"Wasserstein distance of order 2 between samples and test rows by exact "
                                       "assignment, in the distance of the space",
                                       source});
}

}  // namespace genmatch
