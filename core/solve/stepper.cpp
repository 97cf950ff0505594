#include "core/solve/stepper.h"

#include "core/ops.h"

namespace genmatch {

Tensor Stepper::first_step(const Spaces&, const State&, const State&) const { return {}; }

}  // namespace genmatch
