#pragma once
// From the columns of a table to points of the factors.
#include <cstdint>
#include <string>
#include <vector>

#include "core/config/catalog.h"
#include "core/data/numbers.h"
#include "core/tensor.h"

namespace genmatch {

/// How a factor's columns are meant. Formats:
///   latlon, lonlat  degrees, latitude in [-90, 90], longitude in [-180, 360]; two columns, for S^2
///   degrees, radians  angles, wrapped to [-pi, pi); for flat tori
///   projected  the coordinates of points that need not lie on the space and are moved to the nearest one that does
///   padded  the same for clouds of varying numbers of particles: those that are not there are NaN
///   cartesian  the coordinates themselves; within 1e-3 of the space, then projected on it
/// Unless stated: latlon on S^2, radians (refused beyond ±2 pi, so that degrees are not taken for them) on tori,
/// cartesian elsewhere.
class Coordinates {
 public:
  /// formats: none, one for all factors, or one per factor. OptionError "format" if they do not fit the spaces.
  Coordinates(const Spaces& spaces, const std::vector<std::string>& formats);

  int64_t width() const { return width_; }  ///< number of columns
  bool may_lack_values() const;             ///< whether NaN means something
  std::string describe() const;             ///< e.g. "latlon on S^2 (2 columns), cartesian on R^3 (3 columns)"
  /// One [N, *event] per factor, which take the columns in order. DataError for values that are no points; warns
  /// (numbers.warnings) of what looks like a mistake.
  State points(Numbers& numbers) const;

 private:
  struct Part {
    SpacePtr space;
    std::string format;
    bool stated = false;
    int64_t width = 0;
  };
  Tensor convert(const Part& part, const Tensor& values) const;
  static Tensor projected(const Part& part, const Tensor& x, Numbers& numbers);
  void check(const Part& part, int64_t first, Numbers& numbers, Faults& faults) const;

  std::vector<Part> parts_;
  int64_t width_ = 0;
};

/// Unit vectors (cos lat cos lon, cos lat sin lon, sin lat), [..., 3], from degrees [..., 2] in the order lat, lon.
Tensor sphere_from_latlon(const Tensor& degrees);

}  // namespace genmatch
