#include "core/data/coupling_cost.h"

#include <fmt/format.h>

#include "core/config/fields.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/distances.h"
#include "core/process/manifold.h"
#include "core/process/state.h"

namespace genmatch {
namespace {

State in_double(State x) {
  for (Tensor& factor : x) factor = factor.detach().to(at::kCPU, at::kDouble);
  return x;
}

}  // namespace

void CouplingCostOptions::fields(Fields& f) {
  f("power", power, "the cost of a pair is its distance to this power", above(0));
  f("weights", weights, "of the factors' squared distances, one per factor that moves; 1 unless stated", at_least(0));
  f("condition_weight", condition_weight,
    "price of pairing across conditions, times their distance to that power; unless stated, it is not done",
    at_least(0));
}

CouplingCost::CouplingCost(const CouplingCostOptions& options, const Spaces& spaces)
    : options_(options), factors_(spaces.size()) {
  for (const SpacePtr& space : spaces) {
    const Manifold* const manifold = space->manifold();
    if (manifold != nullptr && manifold->dim() == 0) {
      condition_ = space;
    } else {
      moving_.push_back(space);
      apart_ = apart_ || space->falls_apart();
    }
  }
  if (!options.weights.empty() && options.weights.size() != moving_.size())
    throw OptionError("weights", fmt::format("{} expected, one for each factor that moves, got {}", moving_.size(),
                                             options.weights.size()));
}

Tensor CouplingCost::of_points(const State& x0, const State& x1) const {
  const Tensor squares = squared_distances(moving_, x0, x1, options_.weights);
  return options_.power == 2 ? squares : squares.pow(options_.power / 2);
}

Tensor CouplingCost::classes(const State& x1) const {
  std::vector<Tensor> columns;
  if (condition_ != nullptr && !options_.condition_weight) columns.push_back(x1.back().flatten(1));
  for (std::size_t f = 0; apart_ && f < moving_.size(); ++f)
    if (const Tensor component = moving_[f]->component(x1[f]); component.defined()) columns.push_back(component);
  if (columns.empty()) return {};
  const Tensor all = at::cat(columns, 1).to(at::kCPU);
  if (all.size(0) == 0) return at::empty({0}, at::kLong);
  return std::get<1>(at::unique_dim(all, 0, true, true));
}

std::vector<Tensor> CouplingCost::exchangeable(const State& x1) const {
  const int64_t n = x1[0].size(0);
  if (n < 2) return {};
  const Tensor classes = this->classes(x1);
  if (!classes.defined()) return {at::arange(n, at::kLong)};
  std::vector<Tensor> all;
  const Tensor order = std::get<1>(classes.sort(true, 0, false)), sizes = classes.bincount();
  int64_t first = 0;
  for (int64_t k = 0; k < sizes.size(0); ++k) {
    const int64_t size = sizes[k].item<int64_t>();
    if (size > 1) all.push_back(order.narrow(0, first, size));
    first += size;
  }
  return all;
}

std::vector<ExchangeGroup> CouplingCost::groups(const Pair& independent) const {
  const State x0 = in_double(independent.x0), x1 = in_double(independent.x1);
  if (x0.size() != factors_ || x1.size() != factors_)
    throw ContractError(
        fmt::format("couple: pairs of {} factors expected, got {} and {}", factors_, x0.size(), x1.size()));
  std::vector<ExchangeGroup> all;
  for (const Tensor& rows : exchangeable(x1)) {
    const State a = rows_of(x0, rows), b = rows_of(x1, rows);
    Tensor cost = of_points(a, b);
    if (options_.condition_weight && condition_ != nullptr) {
      const State c{b.back()};
      cost += *options_.condition_weight * squared_distances({condition_}, c, c).pow(options_.power / 2);
    }
    all.push_back({rows, cost});
  }
  return all;
}

}  // namespace genmatch
