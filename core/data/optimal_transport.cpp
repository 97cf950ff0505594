#include "core/data/exchange.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class OptimalTransportCoupling final : public Exchange {
 public:
  using Options = CouplingCostOptions;
  using Exchange::Exchange;

 protected:
  Chosen choose(const Tensor& cost, double, Rng&) const override { return cheapest(cost); }
};

}  // namespace

void add_optimal_transport(Catalog& c) {
  c.couplings.add<OptimalTransportCoupling>(
      "optimal_transport", {"Within the batch, the pairing of the least total cost, of points with equal conditions.",
                            "Pooladian et al. 2023, arXiv 2304.14772; Tong et al. 2024, arXiv 2302.00482"});
}

}  // namespace genmatch
