#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/transport/row_kernels.h"

namespace genmatch {

/// Numbers by place, with the least of each block of padding at hand: a priority queue in which lowering a number
/// costs nothing, and which a vectorised loop can fill.
class BlockMinima {
 public:
  void resize(int32_t size) {
    least.resize(static_cast<std::size_t>((size + padding - 1) / padding));
    number.resize(least.size() * padding);
    clear();
  }
  /// Every number becomes +infinity.
  void clear() {
    std::fill(number.begin(), number.end(), std::numeric_limits<double>::infinity());
    std::fill(least.begin(), least.end(), std::numeric_limits<double>::infinity());
  }
  void lower(int32_t place, double x) {
    number[static_cast<std::size_t>(place)] = x;
    double& of_block = least[static_cast<std::size_t>(place / padding)];
    of_block = std::min(of_block, x);
  }
  void remove(const RowKernels& kernels, int32_t place) {
    number[static_cast<std::size_t>(place)] = std::numeric_limits<double>::infinity();
    const auto block = static_cast<std::size_t>(place / padding);
    least[block] = kernels.block_least(number.data() + block * padding);
  }
  double top() const { return *std::min_element(least.begin(), least.end()); }
  int32_t place_of(const RowKernels& kernels, double top) const {
    const auto block = std::find(least.begin(), least.end(), top) - least.begin();
    return static_cast<int32_t>(block) * padding + kernels.block_find(number.data() + block * padding, top);
  }

  std::vector<double> number, least;
};

}  // namespace genmatch
