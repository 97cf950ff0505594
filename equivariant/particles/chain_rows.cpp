#include "equivariant/particles/chain_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/ops.h"
#include "equivariant/particles/equilibrium.h"

namespace genmatch {
namespace {

// Which n of all draws of all chains (draw by draw) are taken, evenly.
Tensor evenly(const ChainDraws& draws, int64_t n) {
  const int64_t all = draws.energy.numel();
  return at::div(at::arange(n, at::kLong) * all, n, "floor");
}

}  // namespace

std::vector<std::string> particle_columns(int64_t particles, int64_t dim) {
  std::vector<std::string> all;
  for (int64_t i = 1; i <= particles; ++i)
    for (int64_t d = 1; d <= dim; ++d) all.push_back(fmt::format("x{}_{}", i, d));
  return all;
}

ChainRows::ChainRows(const Energy& energy, const TemperingOptions& sampler, const SplitOptions& split)
    : energy_(energy), sampler_(sampler), split_(split) {
  split_.check();
}

Splits ChainRows::load(int64_t rows, uint64_t seed, Rng& rng) const {
  const ChainDraws draws = run(rows, rng);
  const Tensor chosen = evenly(draws, rows).index_select(0, rng.permutation(rows));
  const Table all{{draws.x.flatten(0, 1).index_select(0, chosen)},
                  particle_columns(energy_.particles(), energy_.dim()),
                  chosen.remainder(sampler_.chains)};
  Splits splits = split_by_chain(all, seed);
  Equilibrium seen = check_equilibrium(draws, sampler_, energy_);
  splits.statistics = seen.statistics;
  if (!seen.warning.empty()) splits.warnings.push_back(seen.warning);
  if (const std::string& broken = energy_.broken_symmetries(); !broken.empty())
    splits.warnings.push_back(fmt::format(
        "particles: the energy changes under {}: do not use a model, a coupling or a group of it that takes "
        "them for symmetries",
        broken));
  return splits;
}

Tensor ChainRows::fresh(int64_t n, Rng& rng) const {
  if (n == 0) return at::empty({0, energy_.particles(), energy_.dim()}, at::kDouble);
  const ChainDraws draws = run(n, rng);
  return draws.x.flatten(0, 1).index_select(0, evenly(draws, n));
}

ChainDraws ChainRows::run(int64_t n, Rng& rng) const {
  constexpr int64_t kFewest = 8;  // draws of a chain, for R-hat to say something
  const int64_t draws = std::max(kFewest, (n + sampler_.chains - 1) / sampler_.chains);
  return parallel_tempering(energy_, sampler_, draws, rng);
}

Splits ChainRows::split_by_chain(const Table& all, uint64_t seed) const {
  const Table numbers{{at::arange(sampler_.chains, at::kDouble).unsqueeze(1)}, {"chain"}};
  Splits splits = split(numbers, split_, false, seed, "particles: chains");
  for (Table* const part : {&splits.train, &splits.validation, &splits.test}) {
    const Tensor ours = at::isin(all.group, part->x[0].flatten().to(at::kLong));
    *part = all.select(ours.nonzero().flatten());
  }
  return splits;
}

}  // namespace genmatch
