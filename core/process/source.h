#pragma once
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// The law of x0 (t = 0), with density with respect to the measure of the space it was built for.
/// Laws: 1. samples lie on the space; 2. the density integrates to one; 3. samples follow the density.
class Source {
 public:
  virtual ~Source() = default;
  virtual Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const = 0;  ///< [n, *event]
  virtual Tensor log_density(const Tensor& x) const = 0;                                ///< [...]
  /// Whether log_density is known; if not, it throws ContractError, and processes from here have no likelihood.
  virtual bool has_density() const { return true; }
};

}  // namespace genmatch
