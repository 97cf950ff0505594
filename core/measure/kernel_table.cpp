#include "core/measure/kernel_table.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// So many rows at a time that a temporary stays in the cache.
int64_t block_rows(int64_t columns) { return std::max<int64_t>(1, (1 << 18) / std::max<int64_t>(columns, 1)); }

}  // namespace

KernelTable::KernelTable(const Spaces& spaces, const State& centres, const State& x, const std::vector<double>& largest,
                         const Tensor& own)
    : spaces_(spaces), centres_(centres), rows_(x.at(0).size(0)) {
  const int64_t n = centres.at(0).size(0);
  used_ = own.defined() ? n - 1 : n;
  for (std::size_t f = 0; f < spaces.size(); ++f) {
    check_form(f, x[f], largest[f]);
    Tensor table = at::empty({rows_, n}, at::kFloat);
    at::parallel_for(0, rows_, block_rows(n), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        table[row].copy_(statistic(f, x[f].narrow(0, row, 1), centres_[f], largest[f]));
    });
    statistics_.push_back(table);
  }
  if (own.defined()) statistics_[0].scatter_(1, own.unsqueeze(1), -infinity);
}

double KernelTable::peak(std::size_t factor, double concentration) const {
  const Tensor c = centres_[factor].narrow(0, 0, 1);
  return as_manifold(*spaces_[factor], "KernelTable").log_kernel(c, c, concentration).item<double>();
}

Tensor KernelTable::statistic(std::size_t factor, const Tensor& x, const Tensor& centres, double concentration) const {
  const Manifold& manifold = as_manifold(*spaces_[factor], "KernelTable");
  return (manifold.log_kernel(x, centres, concentration) - peak(factor, concentration)) / concentration;
}

void KernelTable::check_form(std::size_t factor, const Tensor& x, double largest) const {
  if (rows_ == 0) return;
  const Tensor some = centres_[factor].narrow(0, 0, std::min<int64_t>(centres_[factor].size(0), 32));
  const Tensor a = statistic(factor, x.narrow(0, 0, 1), some, largest);
  const Tensor b = statistic(factor, x.narrow(0, 0, 1), some, largest / 7);
  if (!at::allclose(a, b, 1e-6, 1e-9 / largest))
    throw ContractError("KernelTable: expected kernels of the form exp(k s(x, c) + b(k)), but that of " +
                        spaces_[factor]->describe() + " is not; use log_kernel_mean");
}

Tensor KernelTable::log_mean(const std::vector<double>& concentrations) const {
  double shift = -std::log(static_cast<double>(std::max<int64_t>(used_, 1)));
  for (std::size_t f = 0; f < spaces_.size(); ++f) shift += peak(f, concentrations[f]);
  Tensor result = at::empty({rows_}, at::kDouble);
  const int64_t block = block_rows(centres_[0].size(0));
  at::parallel_for(0, rows_, block, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row += block) {
      const int64_t count = std::min(block, end - row);
      Tensor sum = statistics_[0].narrow(0, row, count) * concentrations[0];
      for (std::size_t f = 1; f < spaces_.size(); ++f)
        sum.add_(statistics_[f].narrow(0, row, count), concentrations[f]);
      result.narrow(0, row, count).copy_(sum.logsumexp(1));
    }
  });
  return result + shift;
}

}  // namespace genmatch
