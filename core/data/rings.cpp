#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "core/data/curve_dataset.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class Rings final : public CurveDataset {
 public:
  struct Options : CurveOptions {
    std::vector<double> radii{0.75, 1.5, 2.25, 3};
    Options() : CurveOptions(0.08, 1) {}
    void fields(Fields& f) {
      CurveOptions::fields(f);
      f("radii", radii, "of the circles, each of which has an equal share of the points; > 0", not_empty());
    }
  };
  Rings(const Options& options, const DataContext& context)
      : CurveDataset(options, context, fmt::format("rings radii={}", fmt::join(options.radii, ",")),
                     circles(options.radii)) {}

 private:
  static std::vector<Curve> circles(const std::vector<double>& radii) {
    std::vector<Curve> all;
    for (const double r : radii) {
      if (!(r > 0 && std::isfinite(r))) throw OptionError("radii", fmt::format("radii above 0 expected, got {}", r));
      all.push_back({[r](const Tensor& t) { return r * at::stack({at::cos(t), at::sin(t)}, 1); }, 0, 2 * M_PI, r});
    }
    return all;
  }
};

}  // namespace

void add_rings(Catalog& c) {
  c.datasets.add<Rings>(
      "rings", {"Concentric circles in the plane with Gaussian noise.", "Grathwohl et al. 2019, arXiv 1810.01367"});
}

}  // namespace genmatch
