#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/measure/picture.h"
#include "core/ops.h"
#include "core/process/path.h"
#include "core/process/path_times.h"
#include "core/process/space.h"
#include "core/process/state.h"
#include "core/solve/simulate.h"

namespace genmatch {
namespace {

struct SnapshotsOptions {
  int64_t points = 400, trajectories = 60;
  void fields(Fields& f) {
    f("points", points, "how many rows of each time are marked at most, and how many points of the process",
      at_least(1));
    f("trajectories", trajectories, "how many paths of the process are drawn", at_least(0));
  }
};

class SnapshotsFigure final : public Figure {
 public:
  using Options = SnapshotsOptions;
  explicit SnapshotsFigure(const Options& options) : options_(options) {}

  void check(const Factors& factors, const FigureContext&) const override {
    const Factors all = moving(factors);
    const Shape shape = all.size() == 1 ? all[0].space->event_shape() : Shape{};
    if (shape.size() != 1 || shape[0] < 2 || all[0].path == nullptr || all[0].path->times().empty())
      throw OptionError("",
                        "shows the first two coordinates of data of several times on one factor R^d, d >= 2, with "
                        "`path: waypoints`, got " +
                            describe(genmatch::spaces(all)));
  }

  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    check(evaluation.factors(), evaluation.context());
    Plot plot(folder, "snapshots", 1100, 520);
    const Tensor data = rows(evaluation), paths = this->paths(evaluation);
    const Tensor samples = at_data_times(evaluation, paths);
    const Box box = frame(data);
    const std::vector<Snapshot>& times = evaluation.splits().snapshots;
    plot.add(page(evaluation.context().title, {times.front().time, times.back().time}));
    plot.add(
        fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\nset tics out nomirror", box.x0, box.x1, box.y0, box.y1));
    const std::string marks = plot.table("data", {"x", "y", "time", "on_path"}, data);
    plot.add(panel({0.05, 0.46, 0.1, 0.84}, "data; times that the path leaves out as circles"));
    plot.add("plot " + marks + " using ($4==1?$1:NaN):2:3 with points pt 7 ps 0.25 lc palette, " + marks +
             " using ($4==0?$1:NaN):2:3 with points pt 6 ps 0.35 lw 0.6 lc palette");
    plot.add(colour_box({0.93, 0.945, 0.1, 0.84}, "time"));
    plot.add(panel(
        {0.5, 0.91, 0.1, 0.84},
        fmt::format("{} trajectories, {} points of the process at the times of the data", lines(), options_.points)));
    std::string plots = "plot ";
    if (lines() > 0)
      plots += plot.table("trajectories", {"x", "y"}, broken_lines(paths)) +
               " using 1:2 with lines lw 0.6 lc rgb '#90808080', ";
    plot.add("set format y ''\n" + plots + plot.table("samples", {"x", "y", "time"}, samples) +
             " using 1:2:3 with points pt 7 ps 0.25 lc palette");
    plot.add("unset multiplot");
    return plot.draw();
  }

 private:
  static PathTimes times_of(const Evaluation& evaluation) { return PathTimes(evaluation.factors()[0].path->times()); }
  int64_t lines() const { return std::min(options_.trajectories, options_.points); }

  // (x, y, time, whether the path passes through it) [N, 4]
  Tensor rows(const Evaluation& evaluation) const {
    const PathTimes times = times_of(evaluation);
    Rng rng(evaluation.seed(), "snapshots/rows");
    std::vector<Tensor> all;
    for (const Snapshot& snapshot : evaluation.splits().snapshots) {
      const Tensor points = some_rows(snapshot.all()[0], options_.points, rng).narrow(1, 0, 2);
      const auto column = [&](double value) { return at::full({points.size(0), 1}, value, at::kDouble); };
      all.push_back(at::cat({points, column(snapshot.time), column(times.pass(snapshot.time) ? 1 : 0)}, 1));
    }
    return at::cat(all);
  }

  // Of the data in the path's span, and between them, of the process.
  std::vector<double> unit_times(const Evaluation& evaluation, int between) const {
    const PathTimes times = times_of(evaluation);
    std::vector<double> unit;
    for (const Snapshot& snapshot : evaluation.splits().snapshots) {
      if (!times.span(snapshot.time)) continue;
      const double t = times.unit(snapshot.time);
      const double last = unit.empty() ? t : unit.back();
      for (int i = 1; i <= between && !unit.empty(); ++i) unit.push_back(last + (t - last) * i / (between + 1));
      unit.push_back(t);
    }
    return unit;
  }

  // The first two coordinates of `points` paths at all times of unit_times [n, times, 2].
  static constexpr int kBetween = 10;
  Tensor paths(const Evaluation& evaluation) const {
    Rng rng(evaluation.seed(), "snapshots/trajectories");
    const State x0 = sample_source(evaluation.factors(), options_.points, rng, evaluation.like());
    std::vector<Tensor> steps;
    for (const State& x : trajectory(evaluation.generator(), spaces(evaluation.factors()), x0,
                                     unit_times(evaluation, kBetween), evaluation.stepper(), rng))
      steps.push_back(x[0].narrow(1, 0, 2).to(at::kCPU, at::kDouble));
    return at::stack(steps, 1);
  }

  static Tensor at_data_times(const Evaluation& evaluation, const Tensor& paths) {
    const PathTimes times = times_of(evaluation);
    std::vector<Tensor> all;
    int64_t step = 0;
    for (const Snapshot& snapshot : evaluation.splits().snapshots) {
      if (!times.span(snapshot.time)) continue;
      all.push_back(at::cat({paths.select(1, step), at::full({paths.size(0), 1}, snapshot.time, at::kDouble)}, 1));
      step += kBetween + 1;
    }
    return at::cat(all);
  }

  Tensor broken_lines(const Tensor& paths) const {
    const Tensor gap = at::full({lines(), 1, 2}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
    return at::cat({paths.narrow(0, 0, lines()), gap}, 1).reshape({-1, 2});
  }

  static Box frame(const Tensor& data) {
    const Tensor low = std::get<0>(data.min(0)), high = std::get<0>(data.max(0)), room = 0.08 * (high - low);
    const auto at = [](const Tensor& x, int64_t i) { return x[i].item<double>(); };
    return {at(low - room, 0), at(high + room, 0), at(low - room, 1), at(high + room, 1)};
  }

  Options options_;
};

}  // namespace

void add_snapshots_figure(Catalog& c) {
  c.figures.add<SnapshotsFigure>("snapshots",
                                 {"data of several times, and trajectories of the process through them, in "
                                  "their first two coordinates, coloured by time",
                                  ""});
}

}  // namespace genmatch
