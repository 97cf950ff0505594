#pragma once
#include "core/data/split.h"
#include "equivariant/particles/parallel_tempering.h"

namespace genmatch {

/// Rows that follow exp(-E), from Markov chains that are looked at before they are used.
class ChainRows {
 public:
  ChainRows(const Energy& energy, const TemperingOptions& sampler, const SplitOptions& split);

  const Energy& energy() const { return energy_; }
  /// `rows` of them, shared out by whole chains, which Table::group tells: test rows are independent of training rows.
  /// With the chains' statistics, and warnings. NumericalError if they are far from equilibrium.
  Splits load(int64_t rows, uint64_t seed, Rng& rng) const;
  Tensor fresh(int64_t n, Rng& rng) const;  ///< [n, N, D]

 private:
  ChainDraws run(int64_t n, Rng& rng) const;
  Splits split_by_chain(const Table& all, uint64_t seed) const;

  Energy energy_;
  TemperingOptions sampler_;
  SplitOptions split_;
};

/// Names of the coordinates of N particles in D dimensions: x1_1, x1_2, ...
std::vector<std::string> particle_columns(int64_t particles, int64_t dim);

}  // namespace genmatch
