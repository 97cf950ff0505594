#include "core/process/distances.h"

#include <algorithm>

#include "core/ops.h"
#include "core/process/flat_manifold.h"
#include "core/process/pairs.h"
#include "core/transport/squared_euclidean.h"

namespace genmatch {
namespace {

// Of each row of a to each of b, float64 on the CPU. On R^d in one pass: what batches are coupled by is mostly this.
Tensor squares(const Space& space, const Tensor& a, const Tensor& b) {
  const bool plain = !space.compact() && dynamic_cast<const FlatManifold*>(&space) != nullptr;
  const auto in_double = [](const Tensor& x) { return x.to(at::kCPU, at::kDouble); };
  if (plain) return squared_euclidean(in_double(a), in_double(b));
  return in_double(space.distance(a.unsqueeze(1), b.unsqueeze(0))).square();
}

}  // namespace

Tensor squared_distances(const Spaces& spaces, const State& a, const State& b, const std::vector<double>& weights) {
  constexpr int64_t most = 1 << 22;  // numbers of a block
  const int64_t rows = a.at(0).size(0), columns = b.at(0).size(0);
  int64_t width = 1;
  for (const SpacePtr& space : spaces) width = std::max(width, space->event_size());
  if (spaces.size() == 1 && weights.empty() && rows * columns * width <= most) return squares(*spaces[0], a[0], b[0]);
  Tensor result = at::zeros({rows, columns}, at::kDouble);
  for (const Range& block : ranges(rows, std::max<int64_t>(1, most / std::max<int64_t>(1, columns * width)))) {
    Tensor sum = block.of(result);
    for (std::size_t f = 0; f < spaces.size(); ++f)
      sum.add_(squares(*spaces[f], block.of(a[f]), b[f]), weights.empty() ? 1 : weights[f]);
  }
  return result;
}

}  // namespace genmatch
