#include <cmath>

#include "core/data/curve_dataset.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class Moons final : public CurveDataset {
 public:
  struct Options : CurveOptions {
    Options() : CurveOptions(0.05, 1) {}
  };
  Moons(const Options& options, const DataContext& context)
      : CurveDataset(options, context, "moons", {{outer, 0, M_PI}, {inner, 0, M_PI}}) {}

 private:
  static Tensor outer(const Tensor& t) { return at::stack({at::cos(t), at::sin(t)}, 1); }
  static Tensor inner(const Tensor& t) { return at::stack({1 - at::cos(t), 0.5 - at::sin(t)}, 1); }
};

}  // namespace

void add_moons(Catalog& c) {
  c.datasets.add<Moons>(
      "moons", {"Two interleaving half circles in the plane with Gaussian noise.", "scikit-learn, make_moons"});
}

}  // namespace genmatch
