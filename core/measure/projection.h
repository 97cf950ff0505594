#pragma once
// The sphere S^2 on paper. Longitude and latitude are in radians, [..., 2] in this order.
#include "core/tensor.h"

namespace genmatch {

/// From unit vectors (cos lat cos lon, cos lat sin lon, sin lat), [..., 3]; longitudes in [-pi, pi].
Tensor to_lonlat(const Tensor& points);

/// Semi-axes of the ellipse that Hammer's map fills.
constexpr double hammer_width = 2.8284271247461903, hammer_height = 1.4142135623730951;

/// Hammer's equal-area map (Hammer 1892; Snyder 1987, Map Projections, p. 240), centred at longitude 0, longitudes
/// in [-pi, pi]: [..., 2] -> [..., 2]. An area on the unit sphere is the same area on the map.
Tensor hammer(const Tensor& lonlat);
/// The point that is drawn at xy [..., 2]; outside the ellipse the one at its rim in the same direction.
Tensor inverse_hammer(const Tensor& xy);

/// Longitudes turned into [-pi, pi) about a central one, so that `centre` comes to lie at 0.
Tensor recentre(const Tensor& lonlat, double centre);

}  // namespace genmatch
