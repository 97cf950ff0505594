#include "equivariant/radial_features.h"

#include <algorithm>

#include "core/ops.h"

namespace genmatch {

Dual radial_features(const Dual& squared_distance, const RadialFeatures& features) {
  constexpr double epsilon = 1e-8;  // keeps the root smooth at 0
  const Dual d = root(squared_distance, epsilon);
  const double spacing = features.reach / static_cast<double>(std::max<int64_t>(1, features.count - 1));
  const Tensor off = d.value / spacing - at::arange(features.count, d.value.options());
  const Tensor value = (-0.5 * off.square()).exp();
  if (!d.derivative.defined()) return {value};
  return {value, d.derivative * (-off * value / spacing)};
}

}  // namespace genmatch
