#include "equivariant/alignment/permutations.h"

#include "core/ops.h"

namespace genmatch {

// Random keys, sorted within each species: the places of a species get its particles in random order.
Tensor random_permutations(int64_t n, int64_t particles, const std::vector<int64_t>& species, Rng& rng) {
  const Tensor kinds = species.empty() ? at::zeros({particles}, at::kDouble) : at::tensor(species).to(at::kDouble);
  const Tensor shuffled = std::get<1>((kinds + rng.uniform({n, particles}, at::kDouble)).sort(1));
  const Tensor places = std::get<1>(kinds.sort(true, 0, false));
  return at::empty_like(shuffled).index_copy_(1, places, shuffled);
}

Tensor inverse_permutations(const Tensor& permutations) { return std::get<1>(permutations.sort(-1)); }

}  // namespace genmatch
