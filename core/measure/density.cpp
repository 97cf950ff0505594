#include "core/measure/density.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

constexpr int64_t block_centres = 4096;
constexpr int64_t block_numbers = 1 << 18;  // per temporary: fits the cache
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Range {
  int64_t first, count;
};

// ln of the products of kernels between some rows and some centres: [rows, centres].
Tensor log_kernels(const Spaces& spaces, const State& centres, const State& x,
                   const std::vector<double>& concentrations, Range rows, Range cols) {
  Tensor sum;
  for (std::size_t f = 0; f < spaces.size(); ++f) {
    const Manifold& manifold = as_manifold(*spaces[f], "log_kernel_mean");
    const Tensor log_kernel =
        manifold.log_kernel(x[f].narrow(0, rows.first, rows.count).unsqueeze(1),
                            centres[f].narrow(0, cols.first, cols.count).unsqueeze(0), concentrations[f]);
    sum = sum.defined() ? sum + log_kernel : log_kernel;
  }
  return sum;
}

}  // namespace

Tensor log_kernel_mean(const Spaces& spaces, const State& centres, const State& x,
                       const std::vector<double>& concentrations, const Tensor& own) {
  const int64_t n = centres[0].size(0), m = x[0].size(0);
  int64_t widest = 1;
  for (const SpacePtr& space : spaces) widest = std::max(widest, space->event_size());
  const int64_t block_rows =
      std::max<int64_t>(1, block_numbers / (std::min(std::max<int64_t>(n, 1), block_centres) * widest));
  Tensor total = at::full({m}, -infinity, at::kDouble);
  at::parallel_for(0, m, block_rows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row += block_rows) {
      const Range rows{row, std::min(block_rows, end - row)};
      Tensor part = total.narrow(0, rows.first, rows.count);
      for (int64_t col = 0; col < n; col += block_centres) {
        const Range cols{col, std::min(block_centres, n - col)};
        Tensor block = log_kernels(spaces, centres, x, concentrations, rows, cols);
        if (own.defined()) {
          const Tensor index = at::arange(cols.first, cols.first + cols.count, at::kLong);
          block = block.masked_fill(own.narrow(0, rows.first, rows.count).unsqueeze(1) == index, -infinity);
        }
        part.copy_(at::logaddexp(part, block.logsumexp(1)));
      }
    }
  });
  return total - std::log(static_cast<double>(std::max<int64_t>(own.defined() ? n - 1 : n, 1)));
}

bool all_compact(const Spaces& spaces) {
  return std::all_of(spaces.begin(), spaces.end(), [](const SpacePtr& s) { return s->compact(); });
}

Tensor log_uniform(const Spaces& spaces, const State& x) {
  Tensor sum = spaces[0]->log_base_density(x[0]);
  for (std::size_t f = 1; f < spaces.size(); ++f) sum = sum + spaces[f]->log_base_density(x[f]);
  return sum;
}

Tensor log_mixture(const Tensor& a, const Tensor& b, double weight) {
  return at::logaddexp(a + std::log1p(-weight), b + std::log(weight));
}

}  // namespace genmatch
