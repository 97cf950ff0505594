#pragma once
#include <algorithm>
#include <vector>

#include "core/ops.h"
#include "core/process/state.h"

namespace genmatch {

/// The rows of a batch, factors side by side, in lexicographic order: equal for batches that are permutations of each
/// other.
inline std::vector<std::vector<double>> sorted_rows(const State& x) {
  const int64_t rows = x.at(0).size(0);
  std::vector<std::vector<double>> all(static_cast<std::size_t>(rows));
  for (const Tensor& factor : x) {
    const Tensor flat = factor.to(at::kDouble).contiguous();
    const double* values = flat.data_ptr<double>();
    const int64_t width = rows > 0 ? flat.numel() / rows : 0;
    for (int64_t i = 0; i < rows * width; ++i) all[static_cast<std::size_t>(i / width)].push_back(values[i]);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace genmatch
