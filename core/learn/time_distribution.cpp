#include "core/learn/time_distribution.h"

#include <algorithm>

#include "core/ops.h"

namespace genmatch {
namespace {

Tensor one_per_interval(int64_t rows, Rng& rng) {
  const Tensor offset = rng.uniform({rows}, at::TensorOptions(at::kDouble));
  return (at::arange(rows, at::kDouble) + offset) / static_cast<double>(std::max<int64_t>(rows, 1));
}

// Rounding up in float could reach 1, where no path needs a velocity.
Tensor below_one(const Tensor& t, const at::TensorOptions& like) {
  constexpr double kBelowOneInFloat = 1 - 0x1p-24;
  return t.clamp_max(kBelowOneInFloat).to(like);
}

}  // namespace

Tensor TimeDistribution::draw(int64_t rows, Rng& rng, const at::TensorOptions& like) const {
  return below_one(quantile(one_per_interval(rows, rng)), like);
}

Tensor stratified_times(int64_t rows, Rng& rng, const at::TensorOptions& like) {
  return below_one(one_per_interval(rows, rng), like);
}

}  // namespace genmatch
