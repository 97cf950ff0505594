#include "core/measure/picture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {

const char* const data_points = "with points pt 7 ps 0.18 lc rgb '#50ff5f3f'";
const char* const sample_points = "with points pt 7 ps 0.18 lc rgb '#60ffffff'";
// gnuplot parts the columns of its own tables by blanks, whatever the separator.
const char* const contour_lines =
    "$contours using (real(word(strcol(1),1))):(real(word(strcol(1),2))) with lines lw 0.7 lc rgb '#50ffffff'";

std::string describe(const Spaces& spaces) {
  std::string text;
  for (const SpacePtr& space : spaces) text += (text.empty() ? "" : " x ") + space->describe();
  return text;
}

void write_density(const Plot& plot, const std::vector<std::string>& axes, const Tensor& points, const Tensor& value) {
  plot.table("density", {axes.at(0), axes.at(1), "log_density"}, at::cat({points, value.unsqueeze(1)}, 1));
}

Tensor some_rows(const Tensor& x, int64_t n, Rng& rng) {
  const Tensor whole = x.flatten(1).isfinite().all(1);
  const Tensor rows = x.index({whole});
  return rows.index_select(0, rng.permutation(rows.size(0)).narrow(0, 0, std::min(n, rows.size(0))));
}

Tensor all_rows(const Splits& splits) {
  return at::cat({splits.train.x.at(0), splits.validation.x.at(0), splits.test.x.at(0)});
}

ColourRange colour_range(const Tensor& values, double depth) {
  const Tensor finite = values.index({values.isfinite()});
  if (finite.numel() == 0) throw NumericalError("figure: there is no finite value to draw");
  const double high = at::quantile(finite, 0.999).item<double>();
  const double low = std::max(at::quantile(finite, 0.02).item<double>(), high - depth);
  constexpr double flat = 1e-6;  // a constant gets the lowest colour, not an empty range
  return high - low > flat ? ColourRange{low, high} : ColourRange{low, low + 1};
}

Tensor refine(const Tensor& grid, const ColourRange& range, int64_t times) {
  const Tensor image = grid.clamp(range.low, range.high).unsqueeze(0).unsqueeze(0);
  const std::vector<int64_t> size{grid.size(0) * times, grid.size(1) * times};
  return at::upsample_bilinear2d(image, size, /*align_corners=*/false).squeeze(0).squeeze(0);
}

std::vector<double> mass_levels(const Tensor& log_density, const std::vector<double>& shares) {
  const double lowest = -std::numeric_limits<double>::infinity();
  const Tensor sorted =
      std::get<0>(at::nan_to_num(log_density, lowest, {}, lowest).flatten().sort(0, /*descending=*/true));
  const Tensor mass = (sorted - sorted[0]).exp().cumsum(0);
  const Tensor total = mass[-1];
  std::vector<double> levels;
  for (double share : shares) {
    const int64_t cell = (mass < share * total).sum().item<int64_t>();
    levels.push_back(sorted[std::min(cell, sorted.numel() - 1)].item<double>());
  }
  return levels;
}

Tensor grid_points(const Box& box, int64_t rows, int64_t columns) {
  const auto centres = [](double from, double to, int64_t n) {
    return from + (to - from) * (at::arange(n, at::kDouble) + 0.5) / static_cast<double>(n);
  };
  const Tensor x = centres(box.x0, box.x1, columns).unsqueeze(0).expand({rows, columns});
  const Tensor y = centres(box.y0, box.y1, rows).unsqueeze(1).expand({rows, columns});
  return at::stack({x, y}, -1).reshape({rows * columns, 2});
}

std::string page(const std::string& title, const ColourRange& range) {
  // viridis (Smith, van der Walt & Firing 2015): perceptually uniform, and safe for the colour-blind.
  static const char* const viridis[] = {"#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c",
                                        "#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725"};
  std::string palette;
  for (std::size_t i = 0; i < std::size(viridis); ++i)
    palette += fmt::format("{}{} '{}'", i > 0 ? ", " : "", i, viridis[i]);
  const std::size_t size = std::clamp<std::size_t>(1300 / std::max<std::size_t>(title.size(), 1), 8, 15);  // to fit
  return fmt::format(
      "set datafile separator ','\nset encoding utf8\nunset key\nset palette defined ({})\nset cbrange [{}:{}]\n"
      "set multiplot title {} noenhanced font ',{}'\nunset colorbox",
      palette, range.low, range.high, gnuplot_literal(title), size);
}

std::string colour_box(const Box& place, const std::string& label) {
  return fmt::format(
      "set colorbox vertical user origin {},{} size {},{}\nset cblabel {} noenhanced offset 1,0\nset cbtics out "
      "nomirror",
      place.x0, place.y0, place.x1 - place.x0, place.y1 - place.y0, gnuplot_literal(label));
}

std::string panel(const Box& place, const std::string& title) {
  return fmt::format(
      "set lmargin at screen {}\nset rmargin at screen {}\nset bmargin at screen {}\nset tmargin at screen {}\n"
      "set title {} noenhanced font ',12' offset 0,-0.4",
      place.x0, place.x1, place.y0, place.y1, gnuplot_literal(title));
}

std::string find_contours(const Raster& raster, const std::vector<double>& levels) {
  return fmt::format(
      "set contour base\nunset surface\nset cntrparam levels discrete {}\nset table $contours\nsplot {}\n"
      "unset table\nunset contour\nset surface",
      fmt::join(levels, ","), raster.splot);
}

std::string counted(const std::string& what, int64_t shown, int64_t all) {
  return shown == all ? fmt::format("{} {}", all, what) : fmt::format("{} of {} {}", shown, all, what);
}

}  // namespace genmatch
