#include "equivariant/particles/chain_statistics.h"

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

ChainStatistics chain_statistics(const Tensor& values) {
  if (values.dim() != 2 || values.size(0) < 2 || values.size(1) < 4)
    throw ContractError("chain_statistics: expected values of at least 2 chains and 4 draws, got shape " +
                        c10::str(values.sizes()));
  const auto chains = static_cast<double>(values.size(0));
  const int64_t half = values.size(1) / 2;
  const Tensor halves = at::cat({values.narrow(1, 0, half), values.narrow(1, values.size(1) - half, half)});
  const double within = halves.var(1).mean().item<double>(), between = halves.mean(1).var().item<double>();
  const auto n = static_cast<double>(half);
  ChainStatistics s;
  s.mean = values.mean().item<double>();
  s.sem = std::sqrt(values.mean(1).var().item<double>() / chains);
  s.r_hat = within > 0 ? std::sqrt((n - 1) / n + between / within) : (between > 0 ? INFINITY : 1);
  const Tensor change = values.narrow(1, values.size(1) - half, half).mean(1) - values.narrow(1, 0, half).mean(1);
  s.drift = change.mean().item<double>() / std::sqrt(change.var().item<double>() / chains);
  if (std::isnan(s.drift)) s.drift = 0;  // constants
  const auto all = static_cast<double>(values.numel());
  s.effective_size = std::min(all, values.var().item<double>() / (s.sem * s.sem));
  if (std::isnan(s.effective_size)) s.effective_size = all;  // constants
  return s;
}

}  // namespace genmatch
