#pragma once
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// A batch of pairs: row i of x0 goes to row i of x1.
struct Pair {
  State x0, x1;
};

/// Chooses which x0 goes with which x1.
/// Laws: 1. both marginals are kept; 2. the mean squared distance is at most that of independent pairs.
class Coupling {
 public:
  virtual ~Coupling() = default;
  virtual Pair couple(Pair independent, Rng& rng) const = 0;
};

}  // namespace genmatch
