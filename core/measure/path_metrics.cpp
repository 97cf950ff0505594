// What the paths of a flow cost, and how straight they are. The standard errors are analytic, over paths (and test
// rows), and do not hold the error of the grid of times.
#include <cmath>

#include "core/errors.h"
#include "core/measure/flow_paths.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

Tensor energies(const Spaces& spaces, const FlowPaths& paths) {
  return paths.integral([&](std::size_t i) { return squared_norm(spaces, paths.x[i], paths.velocity[i]); });
}

class PathMetric : public Metric {
 public:
  using Options = FlowPathOptions;
  explicit PathMetric(const Options& options) : options_(options) {}
  bool measures_fit() const final { return false; }
  void check(const Spaces& spaces) const override {
    for (const SpacePtr& space : spaces)
      if (space->manifold() == nullptr)
        throw OptionError("", "measures flows, and there is none on " + space->describe());
  }

 protected:
  Options options_;
};

class PathEnergy final : public PathMetric {
 public:
  using PathMetric::PathMetric;
  Estimate value(Evaluation& evaluation) const override {
    const FlowPaths paths = flow_paths(evaluation, options_.points, options_.intervals, "path_energy");
    return estimate(energies(evaluation.spaces(), paths));
  }
};

class PathLength final : public PathMetric {
 public:
  using PathMetric::PathMetric;
  Estimate value(Evaluation& evaluation) const override {
    const FlowPaths paths = flow_paths(evaluation, options_.points, options_.intervals, "path_length");
    return estimate(paths.integral(
        [&](std::size_t i) { return squared_norm(evaluation.spaces(), paths.x[i], paths.velocity[i]).sqrt(); }));
  }
};

class Straightness final : public PathMetric {
 public:
  using PathMetric::PathMetric;
  void check(const Spaces& spaces) const override { check_euclidean(spaces); }
  Estimate value(Evaluation& evaluation) const override {
    const FlowPaths paths = flow_paths(evaluation, options_.points, options_.intervals, "straightness");
    const Tensor chord = side_by_side(paths.x.back()) - side_by_side(paths.x.front());
    return estimate(
        paths.integral([&](std::size_t i) { return (chord - side_by_side(paths.velocity[i])).square().sum(1); }));
  }
};

// |PE - W| / W with W = W2^2 between the paths' starts and as many test rows, which is above that of the laws (see w2).
// Both depend on the starts, so their influences are added up point by point.
class NormalisedPathEnergy final : public PathMetric {
 public:
  using PathMetric::PathMetric;
  Estimate value(Evaluation& evaluation) const override {
    const State test = test_rows(evaluation, options_.points, "npe");
    const FlowPaths paths = flow_paths(evaluation, test[0].size(0), options_.intervals, "npe");
    const Spaces& all = evaluation.spaces();
    const OptimalTransport transport(all, paths.x.front(), test, 2);
    const Tensor energy = energies(all, paths);
    const double ratio = energy.mean().item<double>() / transport.cost();
    const double sem = standard_error(energy - ratio * transport.influence_of_a(), ratio * transport.influence_of_b());
    return {std::abs(ratio - 1), sem / transport.cost(), energy.numel()};
  }
};

}  // namespace

void add_path_metrics(Catalog& c) {
  c.metrics.add<PathEnergy>("path_energy", {"mean over samples of the integral of |v|^2 along the flow's paths, by the "
                                            "trapezoid rule",
                                            "Tong et al. 2024, arXiv 2302.00482"});
  c.metrics.add<PathLength>("path_length",
                            {"mean over samples of the length of the flow's paths, the integral of |v|, by "
                             "the trapezoid rule",
                             "Klein et al. 2023, arXiv 2306.15030"});
  c.metrics.add<NormalisedPathEnergy>("npe",
                                      {"normalised path energy |PE - W2^2| / W2^2, W2 between the source and the "
                                       "test rows; 0 for optimal transport",
                                       "Tong et al. 2024, arXiv 2302.00482, sec. 6"});
  c.metrics.add<Straightness>("straightness",
                              {"mean over samples of the integral of |x_1 - x_0 - v|^2 along the flow's "
                               "paths; 0 for straight ones of constant speed; on R^d",
                               "Liu et al. 2023, arXiv 2209.03003"});
}

}  // namespace genmatch
