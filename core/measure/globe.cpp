#include "core/measure/globe.h"

#include <limits>
#include <vector>

#include "core/data/delimited.h"
#include "core/measure/projection.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Polylines of longitudes and latitudes [N, 2] on paper, parted also where they cross the map's edge.
Tensor on_paper(const Tensor& lonlat, double centre) {
  const Tensor turned = recentre(lonlat, centre), flat = hammer(turned);
  std::vector<Tensor> rows;
  const Tensor jump = turned.select(1, 0).diff().abs() > pi;
  const auto* jumps = jump.data_ptr<bool>();
  int64_t first = 0;
  for (int64_t i = 0; i < jump.numel(); ++i) {
    if (!jumps[i]) continue;
    rows.push_back(flat.narrow(0, first, i + 1 - first));
    rows.push_back(at::full({1, 2}, nan, at::kDouble));
    first = i + 1;
  }
  rows.push_back(flat.narrow(0, first, flat.size(0) - first));
  return at::cat(rows);
}

}  // namespace

Tensor graticule(double centre) {
  std::vector<Tensor> lines;
  const Tensor gap = at::full({1, 2}, nan, at::kDouble);
  const auto line = [&](const Tensor& lon, const Tensor& lat) {
    lines.push_back(at::stack(at::broadcast_tensors({lon, lat}), 1));
    lines.push_back(gap);
  };
  const auto degrees = [](double x) { return at::scalar_tensor(x * pi / 180, at::kDouble); };
  const Tensor meridian = at::linspace(-pi / 2, pi / 2, 91, at::kDouble);
  const Tensor parallel = centre + at::linspace(-pi + 1e-9, pi - 1e-9, 181, at::kDouble);
  for (int lon = -180; lon < 180; lon += 60) line(degrees(lon), meridian);
  for (int lat = -60; lat <= 60; lat += 30) line(parallel, degrees(lat));
  return on_paper(at::cat(lines), centre);
}

Tensor coastline(const std::string& file, double centre) {
  DelimitedOptions options;
  options.columns = {"line", "lon", "lat"};
  const Tensor rows = read_delimited(file, options).values;
  std::vector<Tensor> lines;
  for (int64_t first = 0; first < rows.size(0);) {
    int64_t count = 1;
    while (first + count < rows.size(0) && rows[first + count][0].item<double>() == rows[first][0].item<double>())
      ++count;
    lines.push_back(rows.narrow(0, first, count).narrow(1, 1, 2).deg2rad());
    lines.push_back(at::full({1, 2}, nan, at::kDouble));
    first += count;
  }
  return on_paper(at::cat(lines), centre);
}

}  // namespace genmatch
