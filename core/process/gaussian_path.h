#pragma once
#include <memory>

#include "core/config/catalog.h"

namespace genmatch {

/// x_t = alpha x1 + sigma eps with eps = x0 / sigma(0), for a source that the caller knows to be N(0, sigma(0)^2 I).
/// OptionError unless straight lines are the geodesics of the space.
PathPtr gaussian_path(const SpacePtr& space, std::shared_ptr<const GaussianSchedule> schedule);

}  // namespace genmatch
