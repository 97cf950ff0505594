#include "equivariant/models/radial_features.h"

#include "core/ops.h"

namespace genmatch {

Dual radial_features(const Dual& squared_distance, const RadialFeatures& features) {
  const Dual d = root(squared_distance, meeting);
  const double spacing = features.spacing();
  const Tensor off = d.value / spacing - at::arange(features.count, d.value.options());
  const Tensor value = (-0.5 * off.square()).exp();
  if (!d.derivative.defined()) return {value};
  return {value, d.derivative * (-off * value / spacing)};
}

}  // namespace genmatch
