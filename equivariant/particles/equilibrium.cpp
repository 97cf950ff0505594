#include "equivariant/particles/equilibrium.h"

#include <fmt/format.h>

#include <cmath>

#include "core/data/statistic.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/particles/chain_statistics.h"

namespace genmatch {
namespace {

void add_rates(const ChainDraws& draws, const TemperingOptions& options, std::vector<Statistic>& all) {
  const int64_t n = options.temperatures;
  const auto temperature = [&](int64_t i) {
    return n == 1 ? 1 : std::pow(options.hottest, static_cast<double>(i) / static_cast<double>(n - 1));
  };
  for (int64_t i = 0; i < n; ++i)
    all.push_back({fmt::format("accepted at temperature {:.3g}", temperature(i)), draws.acceptance[i].item<double>()});
  for (int64_t i = 0; i + 1 < n; ++i)
    all.push_back({fmt::format("exchanged between {:.3g} and {:.3g}", temperature(i), temperature(i + 1)),
                   draws.exchanges[i].item<double>()});
}

}  // namespace

Equilibrium check_equilibrium(const ChainDraws& draws, const TemperingOptions& options, const Energy& energy) {
  constexpr double kAlike = 1.2, kOff = 4, kWrong = 10;
  const ChainStatistics e = chain_statistics(draws.energy.t()), v = chain_statistics(draws.virial.t());
  const auto expected = static_cast<double>((energy.particles() - 1) * energy.dim());
  Equilibrium result;
  result.statistics = {{"mean energy", e.mean, e.sem},
                       {"mean of x . grad E", v.mean, v.sem, expected},
                       {"R-hat of the energy", e.r_hat, {}, 1},
                       {"drift of the energy (standard errors)", e.drift, 1, 0},
                       {"effective sample size of the energy", e.effective_size}};
  add_rates(draws, options, result.statistics);
  const double off = std::abs(v.mean - expected) / v.sem;
  const std::string seen = "particles: " + energy.describe() + ": " + text(result.statistics);
  if (!(off <= kWrong)) throw NumericalError(seen + ": the chains are not in equilibrium; give sampler.burn_in more");
  if (!(e.r_hat <= kAlike) || std::abs(e.drift) > kOff || off > kOff)
    result.warning = seen + ": the chains have hardly converged; give sampler.burn_in or thinning more";
  return result;
}

}  // namespace genmatch
