#include "core/measure/jackknife.h"

#include <cmath>

#include "core/ops.h"

namespace genmatch {

double jackknife_error(const Tensor& without) {
  const auto groups = static_cast<double>(without.size(0));
  return std::sqrt((groups - 1) / groups * (without - without.mean()).square().sum().item<double>());
}

}  // namespace genmatch
