#pragma once
// What it costs to pair a source point with a data point, for couplings that look at distances.
#include <optional>
#include <string>
#include <vector>

#include "core/config/catalog.h"
#include "core/data/coupling.h"

namespace genmatch {

struct CouplingCostOptions {
  double power = 2;
  std::vector<double> weights;  ///< one per factor that moves; all 1 if there are none
  /// Of the distance of conditions; without one, points of different conditions are never exchanged,
  /// as those of different components of a space are not in any case.
  std::optional<double> condition_weight;
  void fields(Fields& f);
};

/// Rows of a batch that may exchange their x0, and the price of each pair.
struct ExchangeGroup {
  Tensor rows;  ///< int64 [k], k >= 2
  Tensor cost;  ///< [k, k] float64 on the CPU: of x0[rows[i]] with x1[rows[j]]
};

/// (sum over moving factors f of weight_f d_f(x0, x1)^2)^(power / 2) + condition_weight d(c, c')^power, where c' is the
/// condition of x1 and c that of the independent partner of x0. Distances are those of the spaces: along geodesics on
/// manifolds. With a finite condition weight this is the conditional optimal transport of Chemseddine et al. 2024,
/// arXiv 2403.18705, and Kerrigan et al. 2024, arXiv 2404.04240, exact as the weight grows; without one it is optimal
/// transport in each class. Both leave the law of x0 the same under each condition, in the former case approximately.
class CouplingCost {
 public:
  /// `spaces` are those of all factors. OptionError "weights" unless there are none or one for each that moves.
  CouplingCost(const CouplingCostOptions& options, const Spaces& spaces);
  /// Rows that may exchange their partners, int64: all, or those of each condition and component; of two or more.
  std::vector<Tensor> exchangeable(const State& x1) const;
  /// These, with their costs. ContractError for a batch of other factors.
  std::vector<ExchangeGroup> groups(const Pair& independent) const;

  /// Of all pairs of points, conditions left aside: [n, m], for factors of float64 on the CPU.
  Tensor of_points(const State& x0, const State& x1) const;
  bool conditional() const { return condition_ != nullptr; }

 private:
  // Which rows have equal conditions and components, a number for each; undefined if all may exchange.
  Tensor classes(const State& x1) const;
  CouplingCostOptions options_;
  Spaces moving_;
  SpacePtr condition_;
  bool apart_ = false;  // a space falls apart
  std::size_t factors_;
};

}  // namespace genmatch
