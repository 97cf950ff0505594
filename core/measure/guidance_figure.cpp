#include <fmt/format.h>

#include <algorithm>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/measure/picture.h"
#include "core/ops.h"
#include "core/process/condition.h"

namespace genmatch {
namespace {

struct GuidanceFigureOptions {
  std::vector<double> weights{0, 1, 3};
  double from = 0, to = 1;
  int64_t points = 2000;
  void fields(Fields& f) {
    f("weights", weights, "of the guidance, a panel for each; see sampling.guidance", not_empty());
    f("from", from, "time at which the guidance begins", between(0, 1));
    f("to", to, "time at which it ends", between(0, 1));
    f("points", points, "how many data points and samples are marked at most", at_least(1));
  }
};

class GuidanceFigure final : public Figure {
 public:
  using Options = GuidanceFigureOptions;
  explicit GuidanceFigure(const Options& options) : options_(options) {
    constexpr std::size_t most = 6;
    if (options.weights.size() > most)
      throw OptionError("weights", fmt::format("at most {} panels fit, got {}", most, options.weights.size()));
  }

  void check(const Factors& factors, const FigureContext&) const override {
    const Spaces spaces = genmatch::spaces(moving(factors));
    if (spaces.size() != 1 || spaces[0]->describe() != "R^2")
      throw OptionError("", "a guidance figure shows points of R^2, got " + describe(spaces));
    if (condition_of(factors) == nullptr)
      throw OptionError("", "there are no `conditions` whose effect could be shown");
    const bool guided = std::any_of(options_.weights.begin(), options_.weights.end(), [](double w) { return w != 1; });
    if (guided && factors.back().withheld == 0)
      throw OptionError("weights",
                        "other than 1 need a model that knows the law without its condition too; train it with "
                        "training.condition_dropout, e.g. 0.1");
  }

  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    check(evaluation.factors(), evaluation.context());
    const auto panels = options_.weights.size() + 1;
    Plot plot(folder, "guidance", 60 + 320 * static_cast<int>(panels), 400);
    std::vector<Tensor> sets{coloured(data_rows(evaluation))};
    std::vector<std::string> titles{"data"};
    for (const double weight : options_.weights) {
      const std::string title = fmt::format("weight {}", weight);
      sets.push_back(
          coloured(evaluation.samples({weight, options_.from, options_.to}, options_.points, "guidance, " + title)));
      titles.push_back(title);
    }
    const Box box = frame(sets.front());
    const Tensor classes = sets.front().select(1, 2);
    plot.add(page(evaluation.context().title, {classes.min().item<double>(), classes.max().item<double>()}));
    plot.add(
        fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\nset tics out nomirror", box.x0, box.x1, box.y0, box.y1));
    for (std::size_t i = 0; i < panels; ++i) {
      const double width = 0.93 / static_cast<double>(panels), left = 0.045 + width * static_cast<double>(i);
      plot.add(panel({left, left + 0.94 * width, 0.1, 0.84}, titles[i]));
      const std::string part = i == 0 ? "data" : i == 1 ? "samples" : fmt::format("samples-{}", i);
      plot.add("plot " + plot.table(part, {"x", "y", "condition"}, sets[i]) +
               " using 1:2:3 with points pt 7 ps 0.22 lc palette");
      if (i == 0) plot.add("set format y ''");
    }
    plot.add("unset multiplot");
    return plot.draw();
  }

 private:
  State data_rows(const Evaluation& evaluation) const {
    State x = evaluation.splits().train.x;
    for (Tensor& factor : x) factor = factor.narrow(0, 0, std::min(options_.points, factor.size(0)));
    return x;
  }
  // Points beside the first number of their condition.
  static Tensor coloured(const State& x) { return at::cat({x[0], x.back().narrow(1, 0, 1)}, 1); }
  static Box frame(const Tensor& points) {
    const Tensor low = std::get<0>(points.min(0)), high = std::get<0>(points.max(0));
    const double half = 0.6 * (high - low).narrow(0, 0, 2).max().item<double>();
    const Tensor centre = 0.5 * (low + high);
    const double x = centre[0].item<double>(), y = centre[1].item<double>();
    return {x - half, x + half, y - half, y + half};
  }

  Options options_;
};

}  // namespace

void add_guidance_figure(Catalog& c) {
  c.figures.add<GuidanceFigure>("guidance",
                                {"samples on the plane under guidance of several weights beside the data, coloured by "
                                 "their condition",
                                 "Ho & Salimans 2022, arXiv 2207.12598"});
}

}  // namespace genmatch
