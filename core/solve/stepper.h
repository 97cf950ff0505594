#pragma once
#include "core/config/catalog.h"
#include "core/process/generator.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// Where one step led.
struct Step {
  State x;
  Tensor error;  ///< [B] local error / tolerance (<= 1 is acceptable), of order dt^order(); undefined if not adaptive
  State slope;   ///< drift at the end, if it is known for free (FSAL); else empty
};

/// One step of a numerical method for the process of a generator on a product space. An undefined drift stands for
/// zero. ContractError if the generator has a variance or rates and the method cannot treat them (euler and
/// stochastic_heun treat a variance, euler rates).
/// Laws (tests/conformance/stepper_test.cpp):
///  1. the global error falls as step^order() on every manifold, through exp and through retraction;
///  2. a step ends on the space; 3. rows do not depend on each other; 4. slope is the drift at the step's end.
class Stepper {
 public:
  virtual ~Stepper() = default;
  /// From (x, t) over dt; t and dt are [B], dt may be negative. `slope` is the drift at (x, t) if already known.
  virtual Step step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t, const Tensor& dt,
                    const State& slope, Rng& rng) const = 0;
  virtual int order() const = 0;
  virtual bool adaptive() const { return false; }
  /// Adaptive: the most steps (accepted and rejected) that a sample may take; fixed: the number of steps on [0, 1].
  virtual int64_t steps() const = 0;
  /// Fixed: the times of a run, both ends included. The default: steps() * |to - from| (rounded up, at least 1)
  /// equal steps.
  virtual std::vector<double> times(double from, double to) const;
  /// Adaptive: the |dt| [B] to try first from x, where the drift is `slope`; undefined if there is no opinion.
  virtual Tensor first_step(const Spaces& spaces, const State& x, const State& slope) const;
};

}  // namespace genmatch
