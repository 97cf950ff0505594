#pragma once
// How samples come about, given the probability flow that was learned: as that flow, or as another process or scheme
// with the same marginals.
#include "core/config/choice.h"
#include "core/process/factor.h"
#include "core/process/generator.h"
#include "core/solve/simulate.h"
#include "core/solve/time_grid.h"

namespace genmatch {

/// What a sampler is built for.
struct SamplerContext {
  Factors factors;
  TimeGridPtr grid;
  std::shared_ptr<const Stepper> stepper;  ///< of the flow, already on the grid
};

/// From x0 ~ source (t = 0) to x1 (t = 1). All but `ode` need Gaussian paths on every factor, else OptionError when
/// built. Laws (tests/gaussian/sampler_test.cpp): 1. the samples of an exact flow have the law of the data, up to the
/// error of its steps; 2. rows do not depend on each other; 3. what failed is told in the solution's status.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual Solution run(const GeneratorPtr& flow, const State& x0, Rng& rng, const StepCallback& callback) const = 0;
  /// Whether it solves the flow's ODE: then the density of its samples comes in the same pass.
  virtual bool ode() const { return false; }
};

}  // namespace genmatch
