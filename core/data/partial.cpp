#include <algorithm>
#include <cmath>
#include <limits>

#include "core/data/exchange.h"
#include "core/ops.h"
#include "core/transport/assignment.h"

namespace genmatch {
namespace {

class Partial final : public Exchange {
 public:
  struct Options : CouplingCostOptions {
    double mass = 0.9;
    std::string rest = "independent";
    void fields(Fields& f) {
      CouplingCostOptions::fields(f);
      f("mass", mass, "share of the batch that is transported, of each condition at least one pair",
        above(0) & between(0, 1));
      f("rest", rest,
        "what becomes of the others: paired among each other at random, which keeps both marginals, or dropped, others "
        "standing in the batch twice instead",
        one_of({"independent", "drop"}));
    }
  };
  Partial(const Options& options, const Spaces& spaces) : Exchange(options, spaces), options_(options) {}
  Marginals marginals() const override { return options_.rest == "drop" ? Marginals::changed : Marginals::rows; }

 protected:
  Chosen choose(const Tensor& cost, double, Rng& rng) const override {
    const int64_t n = cost.size(0);
    const int64_t left = n - std::max<int64_t>(1, std::llround(options_.mass * static_cast<double>(n)));
    // `left` points more on each side, which take any point for nothing, but not each other (Chapel et al. 2020, arXiv
    // 2002.08276, proposition 1), so that only as many points as wanted are left to each other.
    const Tensor extended = at::zeros({n + left, n + left}, at::kDouble);
    extended.narrow(0, 0, n).narrow(1, 0, n).copy_(cost);
    extended.narrow(0, n, left).narrow(1, n, left).fill_(std::numeric_limits<double>::infinity());
    const Tensor columns = assign(extended).columns, partner = columns.narrow(0, 0, n);
    const Tensor x0 = (partner < n).nonzero().squeeze(1), x1 = partner.index_select(0, x0);
    if (options_.rest == "drop") {
      const Tensor order = rng.permutation(n - left), repeated = at::arange(n, at::kLong).remainder(n - left);
      const Tensor pairs = order.index_select(0, repeated);
      return {x0.index_select(0, pairs), x1.index_select(0, pairs)};
    }
    const Tensor rest0 = (partner >= n).nonzero().squeeze(1), rest1 = columns.narrow(0, n, left);
    return in_order_of_x1({at::cat({x0, rest0}), at::cat({x1, rest1.index_select(0, rng.permutation(left))})});
  }

 private:
  static Chosen in_order_of_x1(const Chosen& chosen) {
    const Tensor order = chosen.x1.argsort();
    return {chosen.x0.index_select(0, order), chosen.x1.index_select(0, order)};
  }
  Options options_;
};

}  // namespace

void add_partial(Catalog& c) {
  c.couplings.add<Partial>(
      "partial",
      {"Only a share of the batch is transported, those pairs that cost least together; points that are far from all "
       "others do not spoil the pairs of the rest.",
       "Chapel et al. 2020, arXiv 2002.08276; Nguyen et al. 2022, arXiv 2108.09645"});
}

}  // namespace genmatch
