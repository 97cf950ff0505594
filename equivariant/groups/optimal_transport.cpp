#include <fmt/format.h>

#include "core/config/choice.h"
#include "core/data/coupling_cost.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/process/state.h"
#include "core/transport/assignment.h"
#include "equivariant/groups/group.h"

namespace genmatch {
namespace {

struct EquivariantOptions {
  GroupChoice group{"cloud"};
  ListOfChoices<GroupChoice> groups;
  std::vector<double> weights;
  int64_t starts = 1, iterations = 5, final_starts = 10;
  void fields(Fields& f) {
    f("group", group, "symmetries of the source and of the data");
    f("groups", groups,
      "instead, for a product of spaces: one for each factor that moves, whose direct product acts; none where there "
      "are no symmetries");
    f("weights", weights, "of the factors' squared distances, one per factor that moves; 1 unless stated", at_least(0));
    f("starts", starts, "elements that the search for the distance of a pair begins at, where it is one", at_least(1));
    f("iterations", iterations, "most alternations, as of assignment and rotation, from each", at_least(1));
    f("final_starts", final_starts, "the same as starts for the pairs that are chosen, which are few", at_least(1));
  }
};

CouplingCostOptions weighted(const std::vector<double>& weights) {
  CouplingCostOptions options;
  options.weights = weights;
  return options;
}

/// Pairs at the least total distance between their orbits, of points with equal conditions; then x1 is replaced by the
/// point of its orbit that was found closest to x0.
class EquivariantOptimalTransport final : public Coupling {
 public:
  using Options = EquivariantOptions;
  EquivariantOptimalTransport(const Options& options, const Spaces& spaces)
      : options_(options), spaces_(spaces), cost_(weighted(options.weights), spaces) {
    if (cost_.conditional()) spaces_.pop_back();
    std::vector<GroupChoice> groups = options.groups.items;
    if (groups.empty() && spaces_.size() == 1) groups = {options.group};
    if (groups.size() != spaces_.size())
      throw OptionError("groups",
                        fmt::format("one for each of {} factors that move expected (`none` where there are no "
                                    "symmetries), got {}",
                                    spaces_.size(), groups.size()));
    for (std::size_t f = 0; f < spaces_.size(); ++f) groups_.push_back(groups[f].make(spaces_[f]));
  }

  Marginals marginals() const override { return Marginals::orbits; }

  Pair couple(Pair independent, Rng&) const override {
    at::NoGradGuard no_grad;
    const Tensor from = at::arange(independent.x1[0].size(0), at::kLong);
    for (const Tensor& alike : cost_.exchangeable(independent.x1))
      from.index_copy_(
          0, alike,
          alike.index_select(0, assign(costs(rows_of(independent.x1, alike), rows_of(independent.x0, alike))).columns));
    Pair coupled{rows_of(independent.x0, from), independent.x1};
    if (from.numel() == 0) return coupled;
    for (std::size_t f = 0; f < spaces_.size(); ++f) coupled.x1[f] = aligned(f, coupled.x0[f], coupled.x1[f]);
    return coupled;
  }

 private:
  // Of the orbits of all pairs [n, m]: the groups of the factors act each by itself.
  Tensor costs(const State& x1, const State& x0) const {
    Tensor sum;
    for (std::size_t f = 0; f < spaces_.size(); ++f) {
      const double weight = options_.weights.empty() ? 1 : options_.weights[f];
      const Tensor one =
          weight * groups_[f]->squared_orbit_distances(x1[f], x0[f], {options_.starts, options_.iterations});
      sum = sum.defined() ? sum + one : one;
    }
    return sum;
  }

  Tensor aligned(std::size_t f, const Tensor& x0, const Tensor& x1) const {
    const Alignment best = groups_[f]->align(x0, x1, {options_.final_starts, options_.iterations});
    const Tensor moved = groups_[f]->act(best.element, x1.to(at::kCPU, at::kDouble));
    const Manifold* const manifold = spaces_[f]->manifold();
    return (manifold != nullptr ? manifold->project(moved) : moved).to(x1.options());
  }

  Options options_;
  Spaces spaces_;                                     // those that move
  std::vector<std::shared_ptr<const Group>> groups_;  // of each of them
  CouplingCost cost_;                                 // says which rows may exchange
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
