#pragma once
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "equivariant/particles/parallel_tempering.h"

namespace genmatch {

/// What chains say of how well they have converged.
struct Equilibrium {
  std::vector<Statistic> statistics;  ///< of the energy, of x . grad E, and how often proposals were accepted
  std::string warning;                ///< empty if there is nothing to be said
};

/// Looks at chains of exp(-E). NumericalError if they are far from equilibrium: if the mean of x . grad E is more than
/// 10 standard errors off (N - 1) D.
Equilibrium check_equilibrium(const ChainDraws& draws, const TemperingOptions& options, const Energy& energy);

}  // namespace genmatch
