#include "core/process/path.h"

#include "core/gaussian/gaussian_schedule.h"

namespace genmatch {

Tensor clamp_remainder(const Tensor& remainder) { return keep_from_zero(remainder); }

}  // namespace genmatch
