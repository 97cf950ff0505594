#pragma once
#include "core/tensor.h"

namespace genmatch {

/// What independent chains of equal length say of a number f: float64 values [chains, draws].
struct ChainStatistics {
  double mean = 0;
  double sem = 0;    ///< of the mean, from the scatter of the chains' means: holds their autocorrelation
  double r_hat = 1;  ///< potential scale reduction of the chains' halves: 1 if all are alike, short chains exceed it
  double drift = 0;  ///< mean of the later halves less that of the earlier ones, in standard errors
  double effective_size = 0;  ///< var f / sem^2, at most the number of values
};

/// Gelman et al. 2013, Bayesian Data Analysis, 3rd ed., sec. 11.4 (split R-hat). For at least 2 chains of 4 draws;
/// ContractError for fewer.
ChainStatistics chain_statistics(const Tensor& values);

}  // namespace genmatch
