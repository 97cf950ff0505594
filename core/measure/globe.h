#pragma once
// What is drawn on a map besides data: polylines on Hammer's map about a central longitude (radians), as rows
// (x, y) [N, 2] with rows of NaN between the lines, which are parted where they cross the map's edge.
#include <string>

#include "core/tensor.h"

namespace genmatch {

/// Meridians every 60 degrees of longitude and parallels every 30 of latitude.
Tensor graticule(double centre);

/// The polylines of a CSV file with the columns line, lon, lat (degrees); `line` is the same along one. DataError.
Tensor coastline(const std::string& file, double centre);

}  // namespace genmatch
