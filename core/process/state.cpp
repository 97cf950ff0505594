#include "core/process/state.h"

#include "core/ops.h"

namespace genmatch {

State rows_of(const State& x, const Tensor& index) {
  State rows;
  for (const Tensor& factor : x) rows.push_back(factor.index_select(0, index.to(factor.device())));
  return rows;
}

State stacked(const std::vector<State>& batches) {
  State all;
  for (std::size_t f = 0; f < batches.front().size(); ++f) {
    std::vector<Tensor> parts;
    for (const State& batch : batches) parts.push_back(batch[f]);
    all.push_back(at::cat(parts));
  }
  return all;
}

}  // namespace genmatch
