#include "core/data/exchange.h"

#include "core/ops.h"
#include "core/process/state.h"
#include "core/transport/assignment.h"

namespace genmatch {

Exchange::Chosen Exchange::cheapest(const Tensor& cost) {
  return {assign(cost.t()).columns, at::arange(cost.size(0), at::kLong)};
}

Pair Exchange::couple(Pair independent, Rng& rng) const {
  at::NoGradGuard no_grad;
  const std::vector<ExchangeGroup> groups = cost_.groups(independent);
  if (groups.empty()) return independent;
  double sum = 0, count = 0;
  for (const ExchangeGroup& group : groups) {
    sum += group.cost.sum().item<double>();
    count += static_cast<double>(group.cost.numel());
  }
  const Tensor from = at::arange(independent.x1[0].size(0), at::kLong), to = from.clone();
  for (const ExchangeGroup& group : groups) {
    const Chosen chosen = choose(group.cost, sum / count, rng);
    from.index_copy_(0, group.rows, group.rows.index_select(0, chosen.x0));
    to.index_copy_(0, group.rows, group.rows.index_select(0, chosen.x1));
  }
  return {rows_of(independent.x0, from), rows_of(independent.x1, to)};
}

}  // namespace genmatch
