#pragma once
#include "core/config/choice.h"
#include "core/process/factor.h"
#include "core/solve/stepper.h"

namespace genmatch {

/// Where the steps from t = 0 to t = 1 begin and end.
/// Laws (tests/gaussian/time_grid_test.cpp): 1. times rise strictly from 0 to 1; 2. there are `steps` + 1, but for
/// lists.
class TimeGrid {
 public:
  virtual ~TimeGrid() = default;
  /// OptionError for grids that need Gaussian paths, where they are none.
  virtual std::vector<double> times(int64_t steps, const Factors& factors) const = 0;
  virtual bool uniform() const { return false; }
};
using TimeGridPtr = std::shared_ptr<const TimeGrid>;

/// The stepper with the grid's steps, as many as it had; a run between other times than 0 and 1 takes those of the
/// grid that lie in between. A uniform grid leaves the stepper as it is; OptionError for another one if the stepper
/// is adaptive, and as TimeGrid::times.
std::shared_ptr<const Stepper> on_grid(std::shared_ptr<const Stepper> stepper, const TimeGrid& grid,
                                       const Factors& factors);

}  // namespace genmatch
