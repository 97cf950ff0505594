#include "core/process/path.h"

#include <cmath>
#include <limits>

#include "core/ops.h"

namespace genmatch {

Tensor clamp_remainder(const Tensor& remainder) {
  const double precision = remainder.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                                                  : std::numeric_limits<float>::epsilon();
  return remainder.clamp_min(std::max(1e-5, std::sqrt(precision)));
}

}  // namespace genmatch
