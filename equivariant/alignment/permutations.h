#pragma once
#include <vector>

#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// n permutations of N places, int64 [n, N], uniform among those that keep species apart; no species: all are alike.
Tensor random_permutations(int64_t n, int64_t particles, const std::vector<int64_t>& species, Rng& rng);
/// Those that undo permutations [n, N].
Tensor inverse_permutations(const Tensor& permutations);

}  // namespace genmatch
