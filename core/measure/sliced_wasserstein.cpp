#include <cmath>

#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "core/rng.h"

namespace genmatch {
namespace {

// Kantorovich's potential of sorted points x, matched with sorted y at the cost (x - y)^2: [n, P] along the first
// dimension. A step from one point to the next may lie between two bounds; the middle treats both sets alike.
Tensor sorted_potential(const Tensor& x, const Tensor& y) {
  const int64_t n = x.size(0);
  const auto sum = [n](const Tensor& z) { return z.narrow(0, 1, n - 1) + z.narrow(0, 0, n - 1); };
  const Tensor steps = x.diff(1, 0) * (sum(x) - sum(y));
  return at::cat({at::zeros_like(x.narrow(0, 0, 1)), steps.cumsum(0)});
}

// The potentials, given in the order of the sorted points, as a mean over directions for each point: [n].
Tensor mean_potential(const Tensor& sorted, const Tensor& order) {
  return at::zeros_like(sorted).scatter(0, order, sorted).mean(1);
}

// The root of the mean over directions of the squared W2 of the projections. The directions are the same in every run.
// The standard error, analytic, is that of points, as for w2; it does not hold the choice of directions.
class SlicedWasserstein final : public Metric {
 public:
  struct Options : TwoSampleOptions {
    int64_t projections = 200;
    void fields(Fields& f) {
      TwoSampleOptions::fields(f);
      f("projections", projections, "random directions to project on", at_least(1));
    }
  };
  explicit SlicedWasserstein(const Options& options) : options_(options) {}
  void check(const Spaces& spaces) const override { check_euclidean(spaces); }

  Estimate value(Evaluation& evaluation) const override {
    const TwoSamples s = two_samples(evaluation, options_.points, "sliced_w2");
    const Tensor a = side_by_side(s.model), b = side_by_side(s.data);
    Tensor directions = Rng(0, "sliced_w2").normal({a.size(1), options_.projections}, at::kDouble);
    directions = directions / directions.norm(2, {0}, true);
    const auto [x, x_order] = at::matmul(a, directions).sort(0);
    const auto [y, y_order] = at::matmul(b, directions).sort(0);
    const Tensor of_a = mean_potential(sorted_potential(x, y), x_order);
    const Tensor of_b = mean_potential(sorted_potential(y, x), y_order);
    return root({(x - y).square().mean().item<double>(), standard_error(of_a, of_b), s.n});
  }

 private:
  Options options_;
};

}  // namespace

void add_sliced_wasserstein(Catalog& c) {
  c.metrics.add<SlicedWasserstein>(
      "sliced_w2", {"root of the mean squared W2 of projections of samples and test rows on random directions; on R^d",
                    "Bonneel et al. 2015, doi:10.1007/s10851-014-0506-3"});
}

}  // namespace genmatch
