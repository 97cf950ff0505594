#include <cmath>

#include "core/data/curve_dataset.h"
#include "core/ops.h"

namespace genmatch {

namespace {

constexpr double longest = 4.5 * M_PI;

class SwissRoll final : public CurveDataset {
 public:
  struct Options : CurveOptions {
    Options() : CurveOptions(1, 0.2) {}
  };
  SwissRoll(const Options& options, const DataContext& context)
      : CurveDataset(options, context, "swiss_roll", {{spiral, longest / 3, longest, std::hypot(1, longest)}}) {}

 private:
  static Tensor spiral(const Tensor& t) { return t.unsqueeze(1) * at::stack({at::cos(t), at::sin(t)}, 1); }
};

}  // namespace

void add_swiss_roll(Catalog& c) {
  c.datasets.add<SwissRoll>("swiss_roll",
                            {"A spiral of one and a half turns in the plane with Gaussian noise (first and "
                             "third coordinate of the surface).",
                             "scikit-learn, make_swiss_roll; Grathwohl et al. 2019, arXiv 1810.01367"});
}

}  // namespace genmatch
