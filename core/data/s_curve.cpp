#include <cmath>

#include "core/data/curve_dataset.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class SCurve final : public CurveDataset {
 public:
  struct Options : CurveOptions {
    Options() : CurveOptions(0.05, 1) {}
  };
  SCurve(const Options& options, const DataContext& context)
      : CurveDataset(options, context, "s_curve", {{arcs, -1.5 * M_PI, 1.5 * M_PI}}) {}

 private:
  static Tensor arcs(const Tensor& t) { return at::stack({at::sin(t), t.sign() * (at::cos(t) - 1)}, 1); }
};

}  // namespace

void add_s_curve(Catalog& c) {
  c.datasets.add<SCurve>("s_curve",
                         {"Two three-quarter circles that make an S in the plane, with Gaussian noise (first "
                          "and third coordinate of the surface; Tong et al. 2024 scale it by 1.5).",
                          "scikit-learn, make_s_curve"});
}

}  // namespace genmatch
