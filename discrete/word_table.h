#pragma once
#include "core/data/dataset.h"
#include "discrete/alphabet.h"

namespace genmatch {

/// Words, numbers [N, coordinates], as points of the space, whose columns are x1, x2, ...
Table word_table(const Alphabet& alphabet, const Tensor& words);

}  // namespace genmatch
