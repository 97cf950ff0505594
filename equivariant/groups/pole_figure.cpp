#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/measure/picture.h"
#include "core/numerics/special.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "equivariant/groups/group.h"

namespace genmatch {
namespace {

constexpr double pi = 3.14159265358979323846;
const double rim = std::sqrt(2.);  // of the upper half of the unit sphere, in Lambert's map
const Box paper{-rim, rim, -rim, rim};

struct PoleFigureOptions {
  std::vector<double> direction{0, 0, 1};
  GroupChoice group{"crystal"};
  bool inverse = false;
  double halfwidth = 10;
  int64_t resolution = 80, points = 2000;
  void fields(Fields& f) {
    f("direction", direction, "x, y, z: of the crystal, [0, 0, 1] is its c axis; if `inverse`, of the sample");
    f("group", group, "the symmetries of the orientations");
    f("inverse", inverse, "where the direction of the sample points in the crystal, not the other way round");
    f("halfwidth", halfwidth, "degrees from a pole to where its kernel has half its height", between(1, 60));
    f("resolution", resolution, "cells across the map", between(8, 1000));
    f("points", points, "how many orientations are looked at most, of the data and of the samples", at_least(1));
  }
};

// Lambert's equal-area map of the upper half of the sphere, seen from above, x to the right: unit vectors [..., 3] with
// z >= 0 to [..., 2] and back; beyond the rim what lies at the rim.
Tensor lambert(const Tensor& y) { return y.narrow(-1, 0, 2) * (2 / (1 + y.narrow(-1, 2, 1))).sqrt(); }
Tensor inverse_lambert(const Tensor& xy) {
  const Tensor length = xy.norm(2, -1, true).clamp_min(1e-12), inside = xy * (rim / length).clamp_max(1);
  const Tensor square = inside.square().sum(-1, true);
  return at::cat({inside * (1 - square / 4).sqrt(), 1 - square / 2}, -1);
}

struct Half {
  std::string part, what;
  Tensor poles, image;  // [M, 3] on the upper half of the sphere, [cells, cells] in multiples of the uniform density
  int64_t shown = 0, all = 0;
};

class PoleFigure final : public Figure {
 public:
  using Options = PoleFigureOptions;
  explicit PoleFigure(const Options& options) : options_(options) {
    double square = 0;
    for (const double c : options.direction) square += c * c;
    if (options.direction.size() != 3 || !(square > 0 && std::isfinite(square)))
      throw OptionError("direction", "must be three numbers that are not all 0, for instance [0, 0, 1]");
    direction_ = at::tensor(options.direction, at::kDouble) / std::sqrt(square);
  }

  void check(const Factors& factors, const FigureContext&) const override {
    const Spaces spaces = genmatch::spaces(moving(factors));
    if (spaces.size() != 1 || spaces[0]->describe() != "SO(3)")
      throw OptionError("", "pole figures show orientations, `space: so3`, and not " + describe(spaces));
    options_.group.make(spaces[0]);
  }

  std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const override {
    check(evaluation.factors(), evaluation.context());
    const auto group = options_.group.make(evaluation.factors()[0].space);
    const Half data = half("data", all_rows(evaluation.splits()), *group, evaluation.seed());
    const Half samples = half("samples", evaluation.samples()[0], *group, evaluation.seed());
    const ColourRange range{0, std::max(1.5, at::max(data.image).item<double>())};
    Plot plot(folder, "pole_figure", 1000, 500);
    plot.add(page(evaluation.context().title, range));
    plot.add(fmt::format("set samples 500\nunset border\nunset tics\nset xrange [-{0}:{0}]\nset yrange [-{0}:{0}]",
                         rim * 1.02));
    add_half(plot, {0.02, 0.43, 0.04, 0.86}, data, range);
    plot.add(colour_box({0.905, 0.922, 0.1, 0.8}, "multiples of the uniform density"));
    add_half(plot, {0.46, 0.87, 0.04, 0.86}, samples, range);
    plot.add("unset multiplot");
    return plot.draw();
  }

 private:
  Half half(const std::string& part, const Tensor& x, const Group& group, uint64_t seed) const {
    Rng rng(seed, "pole_figure/" + part);
    const Tensor chosen = some_rows(x, options_.points, rng).to(at::kCPU, at::kDouble);
    Half half{part, part == "data" ? "data" : "samples", poles(chosen, group), {}, chosen.size(0), x.size(0)};
    half.image = density(half.poles);
    return half;
  }

  // Of all images of the orientations; both ends of an axis are one.
  Tensor poles(const Tensor& x, const Group& group) const {
    const GroupElements all = *group.elements(at::kDouble);
    std::vector<Tensor> images;
    for (int64_t i = 0; i < all[0].size(0); ++i) {
      const Tensor image = group.act(select(all, at::full({1}, i, at::kLong)), x);
      images.push_back((options_.inverse ? image.transpose(1, 2) : image).matmul(direction_));
    }
    const Tensor y = at::cat(images);
    return at::where(y.narrow(1, 2, 1) < 0, -y, y);
  }

  // Mean of von Mises–Fisher kernels about the poles and their antipodes.
  Tensor density(const Tensor& poles) const {
    constexpr int64_t block = 1 << 11;  // poles
    const double k = std::log(2) / (1 - std::cos(options_.halfwidth * pi / 180));
    const double peak = log_von_mises_fisher_peak(2, k);
    const Tensor y = inverse_lambert(grid_points(paper, options_.resolution, options_.resolution));
    Tensor sum = at::zeros({y.size(0)}, at::kDouble);
    for (int64_t i = 0; i < poles.size(0); i += block) {
      const Tensor cosine = y.matmul(poles.narrow(0, i, std::min(block, poles.size(0) - i)).t());
      sum += ((k * (cosine - 1) + peak).exp() + (k * (-cosine - 1) + peak).exp()).sum(1);
    }
    const double uniform = 1 / (4 * pi);
    return (sum / (2 * uniform * static_cast<double>(poles.size(0))))
        .reshape({options_.resolution, options_.resolution});
  }

  void add_half(Plot& plot, const Box& place, const Half& half, const ColourRange& range) const {
    plot.table(half.part, {"x", "y"}, lambert(half.poles));
    const std::string pole = fmt::format("{}({:g} {:g} {:g})", options_.inverse ? "inverse " : "",
                                         options_.direction[0], options_.direction[1], options_.direction[2]);
    plot.add(panel(place, fmt::format("{} poles of {}, at most {:.1f}", pole, counted(half.what, half.shown, half.all),
                                      half.image.max().item<double>())));
    Tensor image = refine(half.image, range, 4);
    const Tensor radius = grid_points(paper, image.size(0), image.size(1)).norm(2, 1).reshape(image.sizes());
    image = image.masked_fill(radius > rim, std::numeric_limits<double>::quiet_NaN());  // NaN stays blank
    plot.add("plot " + plot.raster(half.part + "-image", image, paper).plot + " with image" +
             fmt::format(", [0:2*pi] '+' using ({0}*cos($1)):({0}*sin($1)) with lines lw 2 lc rgb '#404040'", rim));
  }

  Options options_;
  Tensor direction_;
};

}  // namespace

void add_pole_figure(Catalog& c) {
  c.figures.add<PoleFigure>("pole_figure",
                            {"pole figures of orientations, data beside samples, in Lambert's equal-area map",
                             "Bunge 1982, Texture Analysis in Materials Science, 2.2"});
}

}  // namespace genmatch
