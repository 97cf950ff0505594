#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "core/data/coordinates.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/measure/globe.h"
#include "core/measure/picture.h"
#include "core/measure/projection.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr Box paper{-hammer_width, hammer_width, -hammer_height, hammer_height};

struct MapOptions {
  int64_t resolution = 180;
  int64_t points = 1500;
  double centre = 0;
  std::optional<std::string> coastline;
  void fields(Fields& f) {
    f("resolution", resolution, "width of the map in cells; the density is computed at the centre of each",
      between(8, 4000));
    f("points", points, "how many data points and samples are marked at most", at_least(0));
    f("centre", centre, "longitude in the middle of the map, in degrees", between(-180, 360));
    f("coastline", coastline, "CSV file with the columns line, lon, lat (degrees): polylines to draw");
  }
};

// ln p on the map: the cells [M, 2] (longitude, latitude) that lie on it with their values [M], and all cells of the
// paper [rows, columns], those off the map continued from its rim so that the image reaches the rim everywhere.
struct Cells {
  Tensor lonlat, value, image;
};

Cells evaluate(const Evaluation& evaluation, int64_t columns, double centre) {
  const int64_t rows = columns / 2;
  const Tensor xy = grid_points(paper, rows, columns);
  const Tensor semi_axes = at::tensor({hammer_width, hammer_height}, at::kDouble);
  const Tensor radius = (xy / semi_axes).norm(2, -1);
  Cells cells;
  cells.lonlat = recentre(inverse_hammer(xy.index({radius < 1})), -centre);
  cells.value = evaluation.log_density({sphere_from_latlon(cells.lonlat.rad2deg().flip(-1))}, "map");
  Tensor all = at::full({rows * columns}, nan, at::kDouble).masked_scatter(radius < 1, cells.value);
  // Three half cells inside the rim every cell has its centre on the map.
  const Tensor inside = xy / (radius / (1 - 3.0 / static_cast<double>(rows))).clamp_min(1).unsqueeze(-1);
  const Tensor cell = ((inside / semi_axes + 1) / 2 * at::tensor({columns, rows}, at::kLong)).floor().to(at::kLong);
  cells.image = at::where(radius < 1, all, all.index({cell.select(1, 1) * columns + cell.select(1, 0)}));
  cells.image = cells.image.reshape({rows, columns});
  return cells;
}

class MapFigure final : public Figure {
 public:
  using Options = MapOptions;
  explicit MapFigure(const Options& options) : options_(options) {}

  void check(const Factors& factors, const FigureContext& context) const override {
    const Spaces spaces = genmatch::spaces(moving(factors));
    if (spaces.size() != 1 || spaces[0]->describe() != "S^2")
      throw OptionError("", "a map shows densities on a single sphere S^2, got " + describe(spaces) +
                                "; use ramachandran on tori and plane on R^2");
    if (options_.coastline) coastline_file(context);
  }

  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    check(evaluation.factors(), evaluation.context());
    const double centre = options_.centre * pi / 180;
    const Cells cells = evaluate(evaluation, options_.resolution, centre);
    const ColourRange range = colour_range(cells.value);
    Plot plot(folder, "map", 900, 1010);
    write_density(plot, {"longitude", "latitude"}, cells.lonlat.rad2deg(), cells.value);
    const std::string background = this->background(plot, evaluation.context(), refine(cells.image, range, 4), centre);
    plot.add(page(evaluation.context().title, range));
    plot.add(fmt::format("set samples 500\nunset border\nunset tics\nset xrange [-{0}:{0}]\nset yrange [-{1}:{1}]",
                         hammer_width * 1.01, hammer_height * 1.01));
    const Tensor data = all_rows(evaluation.splits()), samples = evaluation.samples()[0];
    add_panel(plot, {0.02, 0.89, 0.495, 0.925}, background, "data", "data points", data, evaluation, data_points);
    plot.add(colour_box({0.90, 0.917, 0.15, 0.80}, "ln density per unit area of the unit sphere (nats)"));
    add_panel(plot, {0.02, 0.89, 0.02, 0.45}, background, "samples", "samples", samples, evaluation, sample_points);
    plot.add("unset multiplot");
    return plot.draw();
  }

 private:
  std::string coastline_file(const FigureContext& context) const {
    try {
      return find_file(*options_.coastline, context.folder, context.search, "");
    } catch (const DataError& e) {
      throw OptionError("coastline", e.what());
    }
  }

  // Everything that lies under the points: `plot` and its first clauses.
  std::string background(const Plot& plot, const FigureContext& context, const Tensor& image, double centre) const {
    std::string text = "plot " + plot.raster("image", image, paper).plot + " with image";
    // White over the image's corners, beyond the rim and the paper.
    for (const char* side : {"", "-"})
      text += fmt::format(
          ", [-1:4] '+' using ({0}*($1<0?1.03:$1>pi?-1.03:cos($1))):({2}{1}*($1<0||$1>pi?0:sin($1))):({2}{1}*1.03) "
          "with filledcurves fc rgb '#ffffff'",
          hammer_width, hammer_height, side);
    text += ", " + plot.table("graticule", {"x", "y"}, graticule(centre)) +
            " using 1:2 with lines lw 0.4 lc rgb '#a0ffffff'";
    if (options_.coastline)
      text += ", " + plot.table("coastline", {"x", "y"}, coastline(coastline_file(context), centre)) +
              " using 1:2 with lines lw 0.6 lc rgb '#70e0e0e0'";
    return text + fmt::format(", [0:2*pi] '+' using ({}*cos($1)):({}*sin($1)) with lines lw 0.8 lc rgb '#404040'",
                              hammer_width, hammer_height);
  }

  void add_panel(Plot& plot, const Box& place, const std::string& background, const std::string& part,
                 const std::string& what, const Tensor& all, const Evaluation& evaluation, const char* style) const {
    Rng rng(evaluation.seed(), "map/" + part);
    const Tensor lonlat = to_lonlat(some_rows(all, options_.points, rng));
    const Tensor xy = hammer(recentre(lonlat, options_.centre * pi / 180));
    const std::string marks = plot.table(part, {"longitude", "latitude", "x", "y"}, at::cat({lonlat.rad2deg(), xy}, 1));
    plot.add(panel(place, "density and " + counted(what, xy.size(0), all.size(0))));
    plot.add(background + ", " + marks + " using 3:4 " + style);
  }

  Options options_;
};

}  // namespace

void add_map_figure(Catalog& c) {
  c.figures.add<MapFigure>("map", {"equal-area map of a density on the sphere with data and samples",
                                   "Hammer 1892; Snyder 1987, Map Projections: A Working Manual, p. 240"});
}

}  // namespace genmatch
