#include "core/data/coordinates.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <cmath>

#include "core/data/gaps.h"
#include "core/errors.h"
#include "core/numerics/rotation.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {

namespace {

constexpr double kOffManifold = 1e-3;  // what rounding to four digits does to a unit vector
constexpr double kMostAngle = 1e9;     // beyond it wrapping leaves few correct digits
constexpr int64_t kEnoughRows = 20;    // to suspect that degrees are radians

bool is_two_sphere(const Space& space) {
  const Manifold* m = space.manifold();
  return m != nullptr && m->compact() && m->dim() == 2 && space.event_shape() == Shape{3};
}

bool is_torus(const Space& space) { return space.describe().compare(0, 2, "T^") == 0; }

bool is_rotations(const Space& space) { return space.describe() == "SO(3)"; }

bool is_geographic(const std::string& format) { return format == "latlon" || format == "lonlat"; }
bool is_angular(const std::string& format) { return format == "degrees" || format == "radians"; }

// Values that need not lie on the space.
bool is_moved(const std::string& format) { return format == "projected" || format == "padded"; }

bool is_quaternion(const std::string& format) { return format == "quaternion_wxyz"; }

bool fits(const std::string& format, const Space& space) {
  if (is_quaternion(format)) return is_rotations(space);
  if (is_geographic(format)) return is_two_sphere(space);
  if (is_angular(format)) return is_torus(space);
  if (format == "padded") return space.falls_apart();
  if (format == "projected") return space.manifold() != nullptr && !is_torus(space);
  return !is_torus(space);
}

std::string default_format(const Space& space) {
  if (is_two_sphere(space)) return "latlon";
  return is_torus(space) ? "radians" : "cartesian";
}

/// Degrees in [-180, 180).
Tensor wrap_degrees(const Tensor& x) { return x - 360 * at::floor((x + 180) / 360); }

/// Adds one fault per row whose value does not satisfy low <= value <= high.
void check_range(const Numbers& numbers, int64_t column, double low, double high, const std::string& expected,
                 Faults& faults) {
  const Tensor x = numbers.values.select(1, column);
  const Tensor bad = at::nonzero(x.lt(low).logical_or(x.gt(high))).flatten();
  for (int64_t i = 0; i < bad.size(0); ++i) {
    const auto row = bad[i].item<int64_t>();
    faults.add(fmt::format("{}: expected {}, got {}", numbers.place(row, column), expected, x[row].item<double>()));
  }
}

/// Adds one fault per row that is not a unit vector.
void check_length(const Numbers& numbers, int64_t first, int64_t width, Faults& faults) {
  const Tensor length = numbers.values.narrow(1, first, width).norm(2, 1);
  const Tensor bad = at::nonzero((length - 1).abs().le(kOffManifold).logical_not()).flatten();
  for (int64_t i = 0; i < bad.size(0); ++i) {
    const auto row = bad[i].item<int64_t>();
    faults.add(fmt::format("{}: expected a quaternion of length 1 to within {}, got one of length {:.6g}",
                           numbers.place(row, first), kOffManifold, length[row].item<double>()));
  }
}

/// Columns called lon, lat in place of lat, lon would give points that look right.
void check_order(const std::string& format, const std::string& first, const std::string& second) {
  const auto starts = [](const std::string& name, const char* prefix) {
    return boost::algorithm::istarts_with(name, prefix);
  };
  const auto is_longitude = [&](const std::string& name) { return starts(name, "lon") || starts(name, "lng"); };
  const bool swapped =
      format == "latlon" ? is_longitude(first) && starts(second, "lat") : starts(first, "lat") && is_longitude(second);
  if (!swapped) return;
  throw DataError(
      fmt::format("format {} takes the columns in that order, but they are {}, {}; exchange them, or say "
                  "format: {}",
                  format, first, second, format == "latlon" ? "lonlat" : "latlon"));
}

}  // namespace

Tensor sphere_from_latlon(const Tensor& degrees) {
  const Tensor latitude = at::deg2rad(degrees.select(-1, 0)), longitude = at::deg2rad(degrees.select(-1, 1));
  const Tensor radius = at::cos(latitude);
  return at::stack({radius * at::cos(longitude), radius * at::sin(longitude), at::sin(latitude)}, -1);
}

Coordinates::Coordinates(const Spaces& spaces, const std::vector<std::string>& formats) {
  if (formats.size() > 1 && formats.size() != spaces.size()) {
    throw OptionError("format", fmt::format("lists {} formats for {} factors; give one for all, or one for each",
                                            formats.size(), spaces.size()));
  }
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    Part part{spaces[i], default_format(*spaces[i]), !formats.empty(), 0};
    if (part.stated) part.format = formats[formats.size() == 1 ? 0 : i];
    if (!fits(part.format, *part.space)) {
      throw OptionError(
          "format",
          fmt::format("{} does not fit {}; latlon and lonlat are for S^2, quaternion_wxyz is for "
                      "SO(3), degrees and radians are for tori, cartesian for other spaces, projected for manifolds, "
                      "padded for clouds of varying numbers of particles",
                      part.format, part.space->describe()));
    }
    part.width = is_geographic(part.format) ? 2 : is_quaternion(part.format) ? 4 : part.space->event_size();
    width_ += part.width;
    parts_.push_back(part);
  }
}

bool Coordinates::may_lack_values() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& p) { return p.format == "padded"; });
}

std::string Coordinates::describe() const {
  std::string all;
  for (const Part& p : parts_) {
    all += fmt::format("{}{} on {} ({} column{})", all.empty() ? "" : ", ", p.format, p.space->describe(), p.width,
                       p.width == 1 ? "" : "s");
  }
  return all;
}

void Coordinates::check(const Part& part, int64_t first, Numbers& numbers, Faults& faults) const {
  if (part.format != "padded" && may_lack_values()) check_complete(numbers, first, part.width, faults);
  const auto name = [&](int64_t column) { return numbers.names[static_cast<std::size_t>(column)]; };
  if (is_geographic(part.format)) {
    check_order(part.format, name(first), name(first + 1));
    const int64_t latitude = part.format == "latlon" ? first : first + 1;
    check_range(numbers, latitude, -90, 90, "a latitude in [-90, 90] degrees", faults);
    check_range(numbers, 2 * first + 1 - latitude, -180, 360, "a longitude in [-180, 360] degrees", faults);
  } else if (is_quaternion(part.format)) {
    if (boost::algorithm::iends_with(name(first + 3), "w"))
      throw DataError(
          fmt::format("format quaternion_wxyz takes the real part first, but the columns are {}, {}, {}, {}; "
                      "list {} first",
                      name(first), name(first + 1), name(first + 2), name(first + 3), name(first + 3)));
    check_length(numbers, first, part.width, faults);
  } else if (is_angular(part.format)) {
    const bool guessed = !part.stated;
    const double most = guessed ? 2 * M_PI : kMostAngle;
    const std::string expected = guessed ? "an angle in radians within ±2 pi (if it is in degrees, say format: "
                                           "degrees; if it is in radians all the same, format: radians)"
                                         : "an angle within ±1e9";
    for (int64_t i = 0; i < part.width; ++i) check_range(numbers, first + i, -most, most, expected, faults);
    const Tensor x = numbers.values.narrow(1, first, part.width);
    if (part.format == "degrees" && x.size(0) >= kEnoughRows && x.abs().max().item<double>() <= 2 * M_PI) {
      numbers.warnings.push_back(
          fmt::format("all values of {} lie within ±6.29 degrees; if they are radians, say "
                      "format: radians",
                      name(first)));
    }
  }
}

Tensor Coordinates::convert(const Part& part, const Tensor& values) const {
  if (part.format == "latlon")
    return sphere_from_latlon(at::stack({values.select(1, 0), wrap_degrees(values.select(1, 1))}, 1));
  if (part.format == "lonlat")
    return sphere_from_latlon(at::stack({values.select(1, 1), wrap_degrees(values.select(1, 0))}, 1));
  if (is_quaternion(part.format)) return rotation_from_quaternion(values);
  Shape shape = part.space->event_shape();
  shape.insert(shape.begin(), values.size(0));
  if (part.format == "degrees") return (wrap_degrees(values) / 180 * M_PI).reshape(shape);
  return values.reshape(shape);
}

Tensor Coordinates::projected(const Part& part, const Tensor& x, Numbers& numbers) {
  constexpr double kRounding = 1e-5;  // of float32
  const Tensor nearest = part.space->manifold()->project(x);
  const double moved = (nearest - x).square().mean().sqrt().item<double>();
  if (moved > kRounding * x.square().mean().sqrt().item<double>())
    numbers.warnings.push_back(
        fmt::format("format: {}: rows did not lie on {}; coordinates are moved by {:.3g} (root mean square)",
                    part.format, part.space->describe(), moved));
  return nearest;
}

State Coordinates::points(Numbers& numbers) const {
  if (numbers.values.size(1) != width_) {
    throw ContractError(fmt::format("Coordinates::points: expected {} columns ({}), got {}", width_, describe(),
                                    numbers.values.size(1)));
  }
  Faults faults;
  State points;
  int64_t first = 0;
  for (const Part& part : parts_) {
    check(part, first, numbers, faults);
    Tensor x = convert(part, numbers.values.narrow(1, first, part.width));
    const auto place = [&](int64_t row) { return numbers.place(row, first); };
    if (part.format == "padded") x = without_gaps(*part.space, x, place, faults);
    if (is_moved(part.format)) x = projected(part, x, numbers);
    if (part.format == "cartesian" || is_moved(part.format)) {
      const double allowed = part.space->manifold() ? kOffManifold : 0;
      const Tensor violation = part.space->violation(x);
      const Tensor bad = at::nonzero(violation.le(allowed).logical_not()).flatten();
      for (int64_t i = 0; i < bad.size(0); ++i) {
        const auto row = bad[i].item<int64_t>();
        faults.add(fmt::format("{}: the row is not a point of {}: it is off by {:.3g}, expected at most {}", place(row),
                               part.space->describe(), violation[row].item<double>(), allowed));
      }
    }
    // Adding 0 turns -0 into 0, so that equal points have equal bits.
    points.push_back((part.space->manifold() ? part.space->manifold()->project(x) : x) + 0.0);
    first += part.width;
  }
  faults.throw_if_any();
  return points;
}

}  // namespace genmatch
