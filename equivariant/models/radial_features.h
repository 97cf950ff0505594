#pragma once
#include "equivariant/models/dual.h"

namespace genmatch {

/// Distances d as numbers that a linear layer can tell apart: exp(-((d - c_k) / w)^2 / 2) for K centres c_k from 0 to
/// `reach`, w their spacing.
struct RadialFeatures {
  int64_t count = 0;  ///< K
  double reach = 5;
  double spacing() const { return reach / static_cast<double>(count > 1 ? count - 1 : 1); }  ///< w
};

/// Added to squared distances before their root is taken, to keep it smooth where particles meet, as each meets itself.
constexpr double meeting = 1e-8;

/// Of squared distances [..., 1]: [..., K].
Dual radial_features(const Dual& squared_distance, const RadialFeatures& features);

}  // namespace genmatch
