#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/data/synthetic_dataset.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class Checkerboard final : public SyntheticDataset {
 public:
  struct Options : SyntheticOptions {
    int64_t cells = 4;
    double half_width = 4;
    void fields(Fields& f) {
      SyntheticOptions::fields(f);
      f("cells", cells, "squares along an edge; even", at_least(2));
      f("half_width", half_width, "the board covers [-half_width, half_width]^2", above(0));
    }
  };
  Checkerboard(const Options& options, const DataContext& context)
      : SyntheticDataset(options, context, 2), cells_(options.cells), half_width_(options.half_width) {
    if (cells_ % 2 != 0) throw OptionError("cells", fmt::format("must be even, got {}", cells_));
  }

 private:
  Draw draw(int64_t n, Rng& rng) const override {
    const Tensor column = rng.integers(cells_, {n});
    const Tensor row = 2 * rng.integers(cells_ / 2, {n}) + column.remainder(2);
    const Tensor corner = at::stack({column, row}, 1).to(at::kDouble);
    const Tensor place = corner + rng.uniform({n, 2}, at::kDouble);
    return {place * (2 * half_width_ / static_cast<double>(cells_)) - half_width_, {}};
  }
  Tensor log_law(const Tensor& x) const override {
    const Tensor cell = ((x + half_width_) * (static_cast<double>(cells_) / (2 * half_width_))).floor();
    const Tensor filled = cell.ge(0).logical_and(cell.lt(cells_)).all(1).logical_and(cell.sum(1).remainder(2).eq(0));
    return at::full({x.size(0)}, -std::log(2 * half_width_ * half_width_), x.options())
        .masked_fill(filled.logical_not(), -std::numeric_limits<double>::infinity());
  }
  std::string law() const override { return fmt::format("checkerboard cells={} half_width={}", cells_, half_width_); }
  int64_t cells_;
  double half_width_;
};

}  // namespace

void add_checkerboard(Catalog& c) {
  c.datasets.add<Checkerboard>("checkerboard", {"The uniform law on every other square of a board in the plane.",
                                                "Grathwohl et al. 2019, arXiv 1810.01367"});
}

}  // namespace genmatch
