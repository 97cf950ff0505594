#pragma once
#include "core/config/catalog.h"
#include "core/process/generator.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// Where one step led.
struct Step {
  State x;
  Tensor error;  ///< [B] local error / tolerance (<= 1 is acceptable); undefined if the stepper does not adapt
  State slope;   ///< drift at the end, if it is known for free (FSAL); else empty
};

/// One step of a numerical method for the process of a generator on a product space.
/// Law: the global error falls as step^order() on every manifold, through exp and through retraction.
class Stepper {
 public:
  virtual ~Stepper() = default;
  /// From (x, t) over dt; t and dt are [B], dt may be negative. `slope` is the drift at (x, t) if already known.
  virtual Step step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t,
                    const Tensor& dt, const State& slope, Rng& rng) const = 0;
  virtual int order() const = 0;
  virtual bool adaptive() const { return false; }
  /// Adaptive: the most steps (accepted and rejected) that a sample may take; fixed: the number of steps on [0, 1].
  virtual int64_t steps() const = 0;
};

}  // namespace genmatch
