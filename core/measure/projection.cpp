#include "core/measure/projection.h"

#include <cmath>

#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double pi = 3.14159265358979323846;

Tensor first(const Tensor& x) { return x.select(-1, 0); }
Tensor second(const Tensor& x) { return x.select(-1, 1); }

}  // namespace

Tensor to_lonlat(const Tensor& points) {
  const Tensor x = first(points), y = second(points), z = points.select(-1, 2);
  return at::stack({at::atan2(y, x), at::atan2(z, at::hypot(x, y))}, -1);
}

Tensor hammer(const Tensor& lonlat) {
  const Tensor half = first(lonlat) / 2, lat = second(lonlat);
  const Tensor scale = std::sqrt(2) / (1 + lat.cos() * half.cos()).sqrt();
  return at::stack({2 * scale * lat.cos() * half.sin(), scale * lat.sin()}, -1);
}

Tensor inverse_hammer(const Tensor& xy) {
  const Tensor radius = at::hypot(first(xy) / hammer_width, second(xy) / hammer_height).clamp_min(1);
  const Tensor x = first(xy) / radius, y = second(xy) / radius;
  const Tensor z = (1 - x.square() / 16 - y.square() / 4).clamp_min(0.5).sqrt();
  const Tensor lon = 2 * at::atan2(z * x, 2 * (2 * z.square() - 1));
  return at::stack({lon, (z * y).clamp(-1, 1).asin()}, -1);
}

Tensor recentre(const Tensor& lonlat, double centre) {
  const Tensor lon = at::remainder(first(lonlat) - centre + pi, 2 * pi) - pi;
  return at::stack({lon, second(lonlat)}, -1);
}

}  // namespace genmatch
