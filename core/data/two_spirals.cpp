#include <cmath>

#include "core/data/curve_dataset.h"
#include "core/ops.h"

namespace genmatch {

namespace {

constexpr double end = 3 * M_PI;

class TwoSpirals final : public CurveDataset {
 public:
  struct Options : CurveOptions {
    Options() : CurveOptions(0.3, 1. / 3) {}
  };
  TwoSpirals(const Options& options, const DataContext& context)
      : CurveDataset(options, context, "two_spirals", {arm(-1), arm(1)}) {}

 private:
  static Curve arm(double side) {
    const auto at = [side](const Tensor& t) { return side * t.unsqueeze(1) * at::stack({at::cos(t), -at::sin(t)}, 1); };
    return {at, 0, end, std::hypot(1, end), 2};
  }
};

}  // namespace

void add_two_spirals(Catalog& c) {
  c.datasets.add<TwoSpirals>(
      "two_spirals", {"Two interleaving spirals of one and a half turns in the plane with Gaussian noise (without "
                      "the uniform jitter that other versions add to it).",
                      "Grathwohl et al. 2019, arXiv 1810.01367"});
}

}  // namespace genmatch
