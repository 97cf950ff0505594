#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/measure/picture.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr Box square{-180, 180, -180, 180};  // degrees
constexpr int64_t bins = 36;                 // of ten degrees, where a marginal is counted
const std::vector<double> shares{0.5, 0.9, 0.98};

struct RamachandranOptions {
  int64_t resolution = 120;
  int64_t points = 1500;
  std::vector<int64_t> axes{1, 2};
  void fields(Fields& f) {
    f("resolution", resolution, "cells along each axis; the density is computed at the centre of each",
      between(8, 2000));
    f("points", points, "how many data points and samples are marked at most", at_least(0));
    f("axes", axes, "which two angles are drawn, counted from 1", at_least(1));
  }
};

// ln of the share of rows per unit area of the square, [bins, bins], the second angle along the rows.
Tensor log_histogram(const Tensor& angles) {
  const Tensor cell = ((angles + pi) / (2 * pi) * bins).floor().clamp(0, bins - 1).to(at::kLong);
  const Tensor counts = at::bincount(cell.select(1, 1) * bins + cell.select(1, 0), {}, bins * bins).to(at::kDouble);
  const double area = std::pow(2 * pi / bins, 2);
  return (counts / (static_cast<double>(angles.size(0)) * area)).log().reshape({bins, bins});
}

std::string axis_name(const Splits& splits, int64_t axis) {
  const auto& names = splits.train.columns;
  return static_cast<std::size_t>(axis) <= names.size() ? names[static_cast<std::size_t>(axis - 1)]
                                                        : fmt::format("angle {}", axis);
}

// One of the two halves of the picture: an image with the points that lie on it.
struct Half {
  std::string part, title;
  Tensor image, angles;  // [rows, columns]; [N, 2] radians
  const char* style;
};

class RamachandranFigure final : public Figure {
 public:
  using Options = RamachandranOptions;
  explicit RamachandranFigure(const Options& options) : options_(options) {
    if (options.axes.size() != 2 || options.axes[0] == options.axes[1])
      throw OptionError("axes", "must be two different angles, for instance [1, 2]");
  }

  void check(const Factors& factors, const FigureContext&) const override {
    const Spaces spaces = genmatch::spaces(moving(factors));
    const std::string name = describe(spaces);
    if (spaces.size() != 1 || name.compare(0, 2, "T^") != 0 || spaces[0]->event_size() < 2)
      throw OptionError("", "a Ramachandran plot shows two angles of a single flat torus, got " + name +
                                "; use map on S^2 and plane on R^2");
    for (int64_t axis : options_.axes)
      if (axis > spaces[0]->event_size()) throw OptionError("axes", fmt::format("{} has no angle {}", name, axis));
  }

  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    check(evaluation.factors(), evaluation.context());
    const bool density = evaluation.factors()[0].space->event_size() == 2;
    Plot plot(folder, "ramachandran", 1000, 545);
    const std::vector<Half> halves = this->halves(evaluation, density ? this->density(evaluation, plot) : Tensor());
    ColourRange range = colour_range(at::cat({halves[0].image, halves[1].image}));
    const std::vector<double> levels = mass_levels(halves[0].image, shares);
    if (density) range.low = std::min(range.low, levels.back() - 0.1);  // an image is cut off at its lowest colour
    std::vector<Raster> images;
    for (const Half& half : halves)
      images.push_back(density && !images.empty() ? images[0]
                                                  : plot.raster(density ? "image" : half.part + "-histogram",
                                                                refine(half.image, range, density ? 4 : 1), square));
    if (density) plot.add(find_contours(images[0], levels));
    plot.add(page(evaluation.context().title, range));
    add_axes(plot, evaluation.splits());
    if (density)
      plot.add("set label 1 'contours hold 50, 90 and 98 % of the mass' at screen 0.49,0.03 center font ',10'");
    add_half(plot, {0.085, 0.465, 0.175, 0.873}, halves[0], images[0], density);
    plot.add("unset label 1\nunset ylabel\nset format y ''\n" +
             colour_box({0.912, 0.927, 0.175, 0.873}, "ln density per square radian (nats)"));
    add_half(plot, {0.515, 0.895, 0.175, 0.873}, halves[1], images[1], density);
    plot.add("unset multiplot");
    return plot.draw();
  }

 private:
  Tensor chosen(const Tensor& x) const { return x.index_select(1, at::tensor(options_.axes, at::kLong) - 1); }

  // Both show the model's density [rows, columns] if there is one; of more than two angles a marginal is counted.
  std::vector<Half> halves(Evaluation& evaluation, const Tensor& density) const {
    const Tensor data = all_rows(evaluation.splits()), samples = evaluation.samples()[0];
    std::vector<Half> halves{{"data", "data points", density, chosen(data), data_points},
                             {"samples", "samples", density, chosen(samples), sample_points}};
    for (Half& half : halves) {
      Rng rng(evaluation.seed(), "ramachandran/" + half.part);
      const int64_t all = half.angles.size(0);
      half.angles = some_rows(half.angles, all, rng);
      if (!density.defined()) half.image = log_histogram(half.angles);
      half.angles = half.angles.narrow(0, 0, std::min(options_.points, half.angles.size(0)));
      half.title =
          (density.defined() ? "density and " : "histogram and ") + counted(half.title, half.angles.size(0), all);
    }
    return halves;
  }

  Tensor density(const Evaluation& evaluation, Plot& plot) const {
    const Tensor points = grid_points(square, options_.resolution, options_.resolution).deg2rad();
    const Tensor in_order = options_.axes[0] < options_.axes[1] ? points : points.flip(1);
    const Tensor value = evaluation.log_density({in_order}, "ramachandran");
    const auto name = [&](std::size_t i) { return axis_name(evaluation.splits(), options_.axes[i]); };
    write_density(plot, {name(0), name(1)}, points.rad2deg(), value);
    return value.reshape({options_.resolution, options_.resolution});
  }

  void add_axes(Plot& plot, const Splits& splits) const {
    const auto label = [&](std::size_t i) {
      return gnuplot_literal(axis_name(splits, options_.axes[i]) + " (degrees)") + " noenhanced";
    };
    plot.add(
        fmt::format("set xrange [-180:180]\nset yrange [-180:180]\nset xtics 90 out nomirror\nset ytics 90 out "
                    "nomirror\nset xlabel {}\nset ylabel {}",
                    label(0), label(1)));
  }

  static void add_half(Plot& plot, const Box& place, const Half& half, const Raster& image, bool density) {
    const std::string marks = plot.table(half.part, {"x", "y"}, half.angles.rad2deg());
    plot.add(panel(place, half.title));
    plot.add("plot " + image.plot + " with image, " + (density ? contour_lines + std::string(", ") : "") + marks +
             " using 1:2 " + half.style);
  }

  Options options_;
};

}  // namespace

void add_ramachandran_figure(Catalog& c) {
  c.figures.add<RamachandranFigure>("ramachandran", {"density of two angles of a flat torus with data and samples",
                                                     "Ramachandran, Ramakrishnan & Sasisekharan 1963"});
}

}  // namespace genmatch
