#pragma once
#include "core/data/coupling_cost.h"

namespace genmatch {

/// A coupling that pairs the points of each group of a batch anew, by their costs. Groups keep their number of pairs.
class Exchange : public Coupling {
 public:
  Exchange(const CouplingCostOptions& options, const Spaces& spaces) : cost_(options, spaces) {}
  Pair couple(Pair independent, Rng& rng) const final;

 protected:
  /// Row x0[i] of a group is to go with its row x1[i]; int64 [k] each.
  struct Chosen {
    Tensor x0, x1;
  };
  /// All, paired at the least total cost.
  static Chosen cheapest(const Tensor& cost);
  /// `mean` is that of the costs of all groups of the batch.
  virtual Chosen choose(const Tensor& cost, double mean, Rng& rng) const = 0;

  const CouplingCost& cost() const { return cost_; }

 private:
  CouplingCost cost_;
};

}  // namespace genmatch
