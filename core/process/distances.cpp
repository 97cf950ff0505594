#include "core/process/distances.h"

#include <algorithm>

#include "core/ops.h"
#include "core/process/flat_manifold.h"
#include "core/process/pairs.h"

namespace genmatch {
namespace {

// Of each row of a to each of b. On R^d in one pass: what batches are coupled by is mostly this.
Tensor distances(const Space& space, const Tensor& a, const Tensor& b) {
  const bool plain = !space.compact() && dynamic_cast<const FlatManifold*>(&space) != nullptr;
  constexpr int64_t exact_differences = 2;  // of cdist: no |a|^2 - 2 ab + |b|^2, which loses digits
  if (plain) return at::cdist(a, b, 2, exact_differences);
  return space.distance(a.unsqueeze(1), b.unsqueeze(0));
}

}  // namespace

Tensor squared_distances(const Spaces& spaces, const State& a, const State& b, const std::vector<double>& weights) {
  constexpr int64_t most = 1 << 22;  // numbers of a block
  const int64_t rows = a.at(0).size(0), columns = b.at(0).size(0);
  int64_t width = 1;
  for (const SpacePtr& space : spaces) width = std::max(width, space->event_size());
  Tensor result = at::zeros({rows, columns}, at::kDouble);
  for (const Range& block : ranges(rows, std::max<int64_t>(1, most / std::max<int64_t>(1, columns * width)))) {
    Tensor squares = block.of(result);
    for (std::size_t f = 0; f < spaces.size(); ++f) {
      const Tensor d = distances(*spaces[f], block.of(a[f]), b[f]);
      squares.add_(d.to(at::kCPU, at::kDouble).square(), weights.empty() ? 1 : weights[f]);
    }
  }
  return result;
}

}  // namespace genmatch
