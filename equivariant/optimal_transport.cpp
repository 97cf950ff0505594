#include <fmt/format.h>

#include "core/config/catalog.h"
#include "core/data/coupling_cost.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/state.h"
#include "core/transport/assignment.h"
#include "equivariant/group.h"
#include "equivariant/point_cloud.h"

namespace genmatch {
namespace {

struct EquivariantOptions {
  Group::Options group;
  int64_t starts = 1, iterations = 5, final_starts = 10;
  void fields(Fields& f) {
    f("group", group, "symmetries of the source and of the data");
    f("starts", starts, "rotations that the search for the distance of a pair begins at", at_least(1));
    f("iterations", iterations, "most alternations of assignment and rotation from each", at_least(1));
    f("final_starts", final_starts, "the same as starts for the pairs that are chosen, which are few", at_least(1));
  }
};

const PointCloud& only_cloud(const Spaces& spaces) {
  for (std::size_t f = 1; f < spaces.size(); ++f) {
    const Manifold* const manifold = spaces[f]->manifold();
    if (manifold == nullptr || manifold->dim() != 0)
      throw OptionError(
          "", "couples one cloud of particles, with conditions or without, but not " + spaces[f]->describe() + " too");
  }
  return as_point_cloud(*spaces.at(0), "coupling equivariant_optimal_transport");
}

/// Pairs at the least total distance between their orbits, of points with equal conditions; then x1 is replaced by the
/// point of its orbit that was found closest to x0.
class EquivariantOptimalTransport final : public Coupling {
 public:
  using Options = EquivariantOptions;
  EquivariantOptimalTransport(const Options& options, const Spaces& spaces)
      : options_(options),
        group_(options.group, only_cloud(spaces).particles(), only_cloud(spaces).space_dim()),
        cost_({}, spaces) {}

  Marginals marginals() const override { return Marginals::orbits; }

  Pair couple(Pair independent, Rng&) const override {
    at::NoGradGuard no_grad;
    const Tensor from = at::arange(independent.x1[0].size(0), at::kLong);
    for (const ExchangeGroup& alike : cost_.groups(independent)) {
      const Tensor x0 = independent.x0[0].index_select(0, alike.rows),
                   x1 = independent.x1[0].index_select(0, alike.rows);
      const Tensor cost = group_.squared_orbit_distances(x1, x0, {options_.starts, options_.iterations});
      from.index_copy_(0, alike.rows, alike.rows.index_select(0, assign(cost).columns));
    }
    Pair coupled{rows_of(independent.x0, from), independent.x1};
    if (from.numel() == 0) return coupled;
    const Alignment best = group_.align(coupled.x0[0], coupled.x1[0], {options_.final_starts, options_.iterations});
    const Tensor& x1 = independent.x1[0];
    const Tensor moved = best.element.act(x1.to(at::kCPU, at::kDouble));
    coupled.x1[0] = PointCloud::centred(moved).to(x1.options());
    return coupled;
  }

 private:
  Options options_;
  Group group_;
  CouplingCost cost_;  // says which rows may exchange
};

}  // namespace

void add_equivariant_optimal_transport(Catalog& c) {
  c.couplings.add<EquivariantOptimalTransport>(
      "equivariant_optimal_transport",
      {"Within the batch, the pairing of clouds of the least total distance up to symmetries, each x1 then turned and "
       "its particles renamed so that it lies closest to x0.",
       "Klein et al. 2023, arXiv 2306.15030; Song et al. 2023, arXiv 2312.07168"});
}

}  // namespace genmatch
