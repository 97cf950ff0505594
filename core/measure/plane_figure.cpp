#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/measure/picture.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "core/solve/simulate.h"

namespace genmatch {
namespace {

struct PlaneOptions {
  int64_t resolution = 100;
  int64_t points = 1500;
  int64_t trajectories = 60;
  void fields(Fields& f) {
    f("resolution", resolution, "cells along each axis; the density is computed at the centre of each",
      between(8, 2000));
    f("points", points, "how many data points and samples are marked at most", at_least(0));
    f("trajectories", trajectories, "how many paths from source to sample are drawn", at_least(0));
  }
};

// The square that holds all but the outermost rows of each set, with some room around.
Box frame(const std::vector<Tensor>& sets) {
  double low[2], high[2], centre[2], half = 0;
  for (int axis = 0; axis < 2; ++axis) {
    low[axis] = std::numeric_limits<double>::infinity();
    high[axis] = -low[axis];
    for (const Tensor& set : sets) {
      const Tensor values = set.select(1, axis);
      const Tensor all = values.index({values.isfinite()});
      if (all.numel() == 0) continue;
      const Tensor finite = all.slice(0, 0, all.numel(), 1 + all.numel() / 1'000'000);  // at::quantile has its limits
      low[axis] = std::min(low[axis], at::quantile(finite, 0.003).item<double>());
      high[axis] = std::max(high[axis], at::quantile(finite, 0.997).item<double>());
    }
    if (!(low[axis] <= high[axis])) throw NumericalError("plane figure: there is no finite point to draw");
    centre[axis] = (low[axis] + high[axis]) / 2;
    half = std::max(half, 0.58 * (high[axis] - low[axis]));
  }
  if (half == 0) half = 1;
  return {centre[0] - half, centre[0] + half, centre[1] - half, centre[1] + half};
}

// Paths of the process at a few times: rows (x, y, t) [N, 3], those of NaN between paths.
Tensor paths(const Evaluation& evaluation, int64_t n) {
  Rng rng(evaluation.seed(), "plane/trajectories");
  std::vector<double> times;
  constexpr int intervals = 40;
  for (int i = 0; i <= intervals; ++i) times.push_back(static_cast<double>(i) / intervals);
  const State x0 = sample_source(evaluation.factors(), n, rng, evaluation.like());
  std::vector<Tensor> steps;
  for (const State& x :
       trajectory(evaluation.generator(), spaces(evaluation.factors()), x0, times, evaluation.stepper(), rng))
    steps.push_back(x[0].to(at::kCPU, at::kDouble));
  const Tensor t = at::tensor(times, at::kDouble).reshape({1, -1, 1}).expand({n, -1, 1});
  const Tensor rows = at::cat({at::stack(steps, 1), t}, 2);
  const Tensor gap = at::full({n, 1, 3}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
  return at::cat({rows, gap}, 1).reshape({-1, 3});
}

class PlaneFigure final : public Figure {
 public:
  using Options = PlaneOptions;
  explicit PlaneFigure(const Options& options) : options_(options) {}

  void check(const Factors& factors, const FigureContext&) const override {
    const Spaces spaces = genmatch::spaces(moving(factors));
    if (spaces.size() != 1 || spaces[0]->describe() != "R^2")
      throw OptionError("", "a plane figure shows densities on R^2, got " + describe(spaces) +
                                "; use map on S^2 and ramachandran on tori");
  }

  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    check(evaluation.factors(), evaluation.context());
    Plot plot(folder, "plane", 1300, 510);
    const Tensor data = all_rows(evaluation.splits()), samples = evaluation.samples()[0];
    const Tensor lines = paths(evaluation, options_.trajectories);
    const Box box = frame({data, samples, lines});
    const Tensor points = grid_points(box, options_.resolution, options_.resolution);
    const Tensor value = evaluation.log_density({points}, "plane");
    const std::vector<std::string> axes = this->axes(evaluation.splits());
    write_density(plot, axes, points, value);
    const ColourRange range = colour_range(value);
    const Tensor image = refine(value.reshape({options_.resolution, options_.resolution}), range, 4);
    const std::string background = "plot " + plot.raster("image", image, box).plot + " with image, ";
    plot.add(page(evaluation.context().title, range));
    plot.add(
        fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\nset tics out nomirror\nset xlabel {} noenhanced\nset "
                    "ylabel {} noenhanced",
                    box.x0, box.x1, box.y0, box.y1, gnuplot_literal(axes[0]), gnuplot_literal(axes[1])));
    add_paths(plot, {0.05, 0.32, 0.15, 0.838}, lines);
    plot.add("unset key\nunset ylabel\nset format y ''");
    add_points(plot, {0.34, 0.61, 0.15, 0.838}, background, "data", "data points", data, evaluation, data_points);
    plot.add(colour_box({0.91, 0.925, 0.15, 0.838}, "ln density per unit area (nats)"));
    add_points(plot, {0.63, 0.90, 0.15, 0.838}, background, "samples", "samples", samples, evaluation, sample_points);
    plot.add("unset multiplot");
    return plot.draw();
  }

 private:
  static std::vector<std::string> axes(const Splits& splits) {
    const auto& names = splits.train.columns;
    return names.size() == 2 ? names : std::vector<std::string>{"x", "y"};
  }

  void add_paths(Plot& plot, const Box& place, const Tensor& lines) const {
    const std::string table = plot.table("trajectories", {"x", "y", "t"}, lines);
    plot.add(panel(place, fmt::format("{} trajectories from source to sample", options_.trajectories)));
    plot.add("set key bottom left opaque samplen 1 font ',10'\nplot " + table +
             " using 1:2 with lines lw 0.6 lc rgb '#702a788e' notitle, " + table +
             " using 1:($3==0?$2:NaN) with points pt 6 ps 0.4 lc rgb '#707070' title 't = 0', " + table +
             " using 1:($3==1?$2:NaN) with points pt 7 ps 0.4 lc rgb '#440154' title 't = 1'");
  }

  void add_points(Plot& plot, const Box& place, const std::string& background, const std::string& part,
                  const std::string& what, const Tensor& all, const Evaluation& evaluation, const char* style) const {
    Rng rng(evaluation.seed(), "plane/" + part);
    const Tensor rows = some_rows(all, options_.points, rng);
    const std::string marks = plot.table(part, axes(evaluation.splits()), rows);
    plot.add(panel(place, "density and " + counted(what, rows.size(0), all.size(0))));
    plot.add(background + marks + " using 1:2 " + style);
  }

  Options options_;
};

}  // namespace

void add_plane_figure(Catalog& c) {
  c.figures.add<PlaneFigure>("plane", {"density on the plane with data, samples and trajectories", ""});
}

}  // namespace genmatch
