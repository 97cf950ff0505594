#pragma once
#include "core/config/fields.h"
#include "core/rng.h"
#include "equivariant/particles/energy.h"

namespace genmatch {

struct TemperingOptions {
  int64_t chains = 400, temperatures = 2, leapfrog = 10, burn_in = 300, thinning = 4;
  double hottest = 1.5;
  void fields(Fields& f);
};

/// What independent chains of exp(-E) gave.
struct ChainDraws {
  Tensor x;                      ///< [draws, chains, N, D] float64, with mean zero
  Tensor energy;                 ///< [draws, chains]
  Tensor virial;                 ///< [draws, chains]: x . grad E, whose mean is (N - 1) D
  Tensor acceptance, exchanges;  ///< shares of accepted proposals [temperatures], of exchanges [temperatures - 1]
};

/// Markov chains on clouds with mean zero: Hamiltonian Monte Carlo (with one leapfrog step the Metropolis-adjusted
/// Langevin algorithm) at a ladder of temperatures 1 … hottest in geometric progression, whose neighbours exchange
/// their states after each step. Step sizes are adapted during burn-in, to 80 % acceptance (57 % with one leapfrog
/// step), and then kept, so that what is drawn leaves exp(-E) invariant. All chains and temperatures are one tensor.
/// Deterministic in `rng`. NumericalError if a temperature accepts nothing.
/// Neal 2011, arXiv 1206.1901; Roberts & Rosenthal 1998, doi:10.1111/1467-9868.00123; Earl & Deem 2005,
/// arXiv physics/0508111.
ChainDraws parallel_tempering(const Energy& energy, const TemperingOptions& options, int64_t draws, Rng& rng);

}  // namespace genmatch
