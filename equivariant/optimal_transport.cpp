#include "core/config/choice.h"
#include "core/data/coupling_cost.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/process/state.h"
#include "core/transport/assignment.h"
#include "equivariant/group.h"

namespace genmatch {
namespace {

struct EquivariantOptions {
  GroupChoice group{"cloud"};
  int64_t starts = 1, iterations = 5, final_starts = 10;
  void fields(Fields& f) {
    f("group", group, "symmetries of the source and of the data");
    f("starts", starts, "elements that the search for the distance of a pair begins at, where it is one", at_least(1));
    f("iterations", iterations, "most alternations, as of assignment and rotation, from each", at_least(1));
    f("final_starts", final_starts, "the same as starts for the pairs that are chosen, which are few", at_least(1));
  }
};

/// Pairs at the least total distance between their orbits, of points with equal conditions; then x1 is replaced by the
/// point of its orbit that was found closest to x0.
class EquivariantOptimalTransport final : public Coupling {
 public:
  using Options = EquivariantOptions;
  EquivariantOptimalTransport(const Options& options, const Spaces& spaces)
      : options_(options),
        space_(only_moving(spaces, "coupling equivariant_optimal_transport")),
        group_(options.group.make(space_)),
        cost_({}, spaces) {}

  Marginals marginals() const override { return Marginals::orbits; }

  Pair couple(Pair independent, Rng&) const override {
    at::NoGradGuard no_grad;
    const Tensor from = at::arange(independent.x1[0].size(0), at::kLong);
    for (const Tensor& alike : exchangeable(independent)) {
      const Tensor x0 = independent.x0[0].index_select(0, alike), x1 = independent.x1[0].index_select(0, alike);
      const Tensor cost = group_->squared_orbit_distances(x1, x0, {options_.starts, options_.iterations});
      from.index_copy_(0, alike, alike.index_select(0, assign(cost).columns));
    }
    Pair coupled{rows_of(independent.x0, from), independent.x1};
    if (from.numel() == 0) return coupled;
    const Alignment best = group_->align(coupled.x0[0], coupled.x1[0], {options_.final_starts, options_.iterations});
    const Tensor& x1 = independent.x1[0];
    const Tensor moved = group_->act(best.element, x1.to(at::kCPU, at::kDouble));
    coupled.x1[0] = as_manifold(*space_, "coupling").project(moved).to(x1.options());
    return coupled;
  }

 private:
  // Rows that may exchange their partners. Costs that CouplingCost adds, which know no symmetry, are not looked at, and
  // without conditions not computed.
  std::vector<Tensor> exchangeable(const Pair& independent) const {
    const int64_t rows = independent.x1[0].size(0);
    if (!cost_.divided() && rows > 1) return {at::arange(rows, at::kLong)};
    std::vector<Tensor> all;
    for (const ExchangeGroup& group : cost_.groups(independent)) all.push_back(group.rows);
    return all;
  }

  Options options_;
  SpacePtr space_;
  std::shared_ptr<const Group> group_;
  CouplingCost cost_;  // says which rows may exchange
};

}  // namespace

void add_equivariant_optimal_transport(Catalog& c) {
  c.couplings.add<EquivariantOptimalTransport>(
      "equivariant_optimal_transport",
      {"Within the batch, the pairing of the least total distance up to the symmetries of a group, each x1 then moved "
       "by one of them so that it lies closest to x0.",
       "Klein et al. 2023, arXiv 2306.15030; Song et al. 2023, arXiv 2312.07168"});
}

}  // namespace genmatch
