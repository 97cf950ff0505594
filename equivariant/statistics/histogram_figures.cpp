#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/measure/picture.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/statistics/histogram.h"
#include "equivariant/statistics/importance.h"

namespace genmatch {
namespace {

// What one line of a picture is made of: numbers, and their weights if they are not alike.
struct Sample {
  std::string name, colour;
  Tensor values, weight;
};

/// Histograms of a number of clouds, on the cells that hold the data's.
class HistogramFigure : public Figure {
 public:
  void check(const Factors& factors, const FigureContext&) const override {
    const Factors all = moving(factors);
    if (all.size() != 1) throw OptionError("", "shows one cloud of particles, got " + describe(spaces(all)));
    as_point_cloud(*all[0].space, "this figure");
  }

 protected:
  static std::vector<std::string> histograms(const Evaluation& evaluation, const std::string& folder,
                                             const std::string& name, const std::string& axis,
                                             const std::vector<Sample>& samples) {
    constexpr int64_t cells = 80;
    const Tensor data = samples[0].values, sorted = std::get<0>(data.sort());
    const int64_t n = sorted.numel();
    if (n < 2) throw DataError(name + ": at least two rows of data expected");
    const double first = sorted[n / 1000].item<double>(), last = sorted[n - 1 - n / 1000].item<double>();
    const double margin = 0.15 * (last - first) + 1e-9, low = first - margin, high = last + margin;
    Plot plot(folder, name, 900, 470);
    std::string lines = "plot ";
    double highest = 0;
    for (const Sample& s : samples) {
      const Tensor density = histogram(s.values, s.weight, low, high, cells);
      highest = std::max(highest, density.max().item<double>());
      const std::string file =
          plot.table(s.name, {"centre", "density"}, at::stack({cell_centres(low, high, cells), density}, 1));
      lines += file + fmt::format(" using 1:2 with histeps lw 2 lc rgb '{}' title '{}', ", s.colour, s.name);
    }
    plot.add(page(evaluation.context().title, {0, 1}));
    plot.add(panel({0.1, 0.97, 0.14, 0.88}, ""));
    plot.add(
        fmt::format("set xlabel '{}'\nset ylabel 'density'\nset key top right horizontal\nset tics nomirror\n"
                    "set xrange [{}:{}]\nset yrange [0:{}]",
                    axis, low, high, 1.2 * highest));
    plot.add(lines.substr(0, lines.size() - 2) + "\nunset multiplot");
    return plot.draw();
  }
  static constexpr const char* grey = "#707070";
  static constexpr const char* teal = "#2a788e";
  static constexpr const char* red = "#d1495b";
};

class EnergiesFigure final : public HistogramFigure {
 public:
  struct Options {
    EnergyOptions energy;
    void fields(Fields& f) { f("energy", energy, "of the target; that of the data unless stated"); }
  };
  explicit EnergiesFigure(const Options& options) : options_(options) {}

  void check(const Factors& factors, const FigureContext& context) const override {
    HistogramFigure::check(factors, context);
    target_energy(options_.energy, spaces(moving(factors)), context, "figure energies");
  }

  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    HistogramFigure::check(evaluation.factors(), evaluation.context());
    const Energy energy = target_energy(options_.energy, evaluation, "figure energies");
    const Tensor of_samples = energy.energy(evaluation.samples()[0]);
    std::vector<Sample> all{{"data", grey, energy.energy(all_rows(evaluation.splits())), {}},
                            {"samples", teal, of_samples, {}}};
    if (evaluation.has_density()) {
      const Tensor w = log_importance(evaluation, energy, "figure energies");
      all.push_back({"reweighted", red, of_samples, (w - w.max()).exp()});
    }
    return histograms(evaluation, folder, "energies", "energy, kT", all);
  }

 private:
  Options options_;
};

class RadialDistributionFigure final : public HistogramFigure {
 public:
  using Options = NoOptions;
  explicit RadialDistributionFigure(const Options&) {}
  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    check(evaluation.factors(), evaluation.context());
    constexpr int64_t most = 20000;  // clouds
    Rng rng(evaluation.seed(), "figure/radial_distribution");
    const Tensor data = some_rows(all_rows(evaluation.splits()), most, rng);
    const Tensor samples = some_rows(evaluation.samples()[0], most, rng);
    const PointCloud& cloud = as_point_cloud(*moving(evaluation.factors())[0].space, "figure radial_distribution");
    return histograms(
        evaluation, folder, "radial_distribution", "distance of a pair",
        {{"data", grey, pair_distances(cloud, data), {}}, {"samples", teal, pair_distances(cloud, samples), {}}});
  }

 private:
  static Tensor pair_distances(const PointCloud& cloud, const Tensor& x) {
    const int64_t n = x.size(1);
    const Tensor pairs = at::triu_indices(n, n, 1), presence = cloud.presence(x);
    const auto ends = [&](const Tensor& each) {
      return std::pair{each.index_select(1, pairs[0]), each.index_select(1, pairs[1])};
    };
    const auto [first, second] = ends(x);
    const Tensor all = (first - second).square().sum(-1).sqrt();
    if (!presence.defined()) return all.flatten();
    const auto [one, other] = ends(presence);
    return all.masked_select((one * other).squeeze(-1) != 0);
  }
};

}  // namespace

void add_histogram_figures(Catalog& c) {
  c.figures.add<EnergiesFigure>(
      "energies", {"histograms of the energies of data, samples, and samples weighted to the target", ""});
  c.figures.add<RadialDistributionFigure>("radial_distribution",
                                          {"histograms of the distances of pairs of particles", ""});
}

}  // namespace genmatch
