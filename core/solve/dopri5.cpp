#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/solve/runge_kutta.h"

namespace genmatch {
namespace {

Tableau dormand_prince() {
  return {5,
          {{},
           {1. / 5},
           {3. / 40, 9. / 40},
           {44. / 45, -56. / 15, 32. / 9},
           {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
           {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
           {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}},
          {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
          {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
          {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40},
          true};
}

// The unit against which a relative tolerance is measured, [B]: radians where space is compact, else how far out
// the point lies.
Tensor length_scale(const Space& space, const Tensor& x) {
  if (space.compact()) return at::ones({x.size(0)}, x.options());
  return x.flatten(1).square().mean(1).sqrt();
}

// Root mean square per dimension of a tangent in the metric, [B].
Tensor rms(const Manifold& manifold, const Tensor& x, const Tensor& v) {
  const Tensor tangent = manifold.to_tangent(x, v);
  return (manifold.inner(x, tangent, tangent) / static_cast<double>(std::max<int64_t>(manifold.dim(), 1))).sqrt();
}

class Dopri5 final : public Stepper {
 public:
  struct Options {
    double tolerance = 1e-5;
    std::optional<double> atol, rtol, first_step;
    int64_t max_steps = 1000;
    std::string geometry = "retraction";
    void fields(Fields& f) {
      f("tolerance", tolerance, "local error per step, absolute and relative", above(0));
      f("atol", atol, "absolute tolerance, if it is to differ", above(0));
      f("rtol", rtol, "relative tolerance, if it is to differ (of |x| on R^d, of one radian on compact spaces)",
        at_least(0));
      f("first_step", first_step, "length of the first step tried; chosen from the drift if absent", above(0));
      f("max_steps", max_steps, "most steps, rejected ones included, that a sample may take", at_least(1));
      geometry_field(f, geometry);
    }
  };
  explicit Dopri5(const Options& o)
      : atol_(o.atol.value_or(o.tolerance)),
        rtol_(o.rtol.value_or(o.tolerance)),
        first_step_(o.first_step),
        max_steps_(o.max_steps),
        geometry_(geometry_named(o.geometry)),
        tableau_(dormand_prince()) {}

  Step step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t, const Tensor& dt,
            const State& slope, Rng&) const override {
    RungeKuttaStep result = runge_kutta(tableau_, geometry_, generator, spaces, x, t, dt, slope);
    const Tensor error = scaled_error(spaces, x, result, dt);
    return {std::move(result.x), error, std::move(result.slope)};
  }
  int order() const override { return tableau_.order; }
  bool adaptive() const override { return true; }
  int64_t steps() const override { return max_steps_; }

  // The step in which the drift covers the part tolerance^(1/order) of the length scale: that of a local error of
  // the tolerance's size when the derivatives of the drift are of its own size.
  Tensor first_step(const Spaces& spaces, const State& x, const State& slope) const override {
    if (first_step_) return at::full({x[0].size(0)}, *first_step_, x[0].options());
    const double part = std::pow(std::max(atol_, rtol_), 1. / tableau_.order);
    Tensor shortest = at::full({x[0].size(0)}, std::numeric_limits<double>::infinity(), x[0].options());
    for (std::size_t f = 0; f < x.size(); ++f) {
      if (!slope[f].defined()) continue;
      const Tensor speed = rms(as_manifold(*spaces[f], "dopri5"), x[f], slope[f]);
      shortest = at::minimum(shortest, part * length_scale(*spaces[f], x[f]).clamp_min(1) / speed);
    }
    return shortest;
  }

 private:
  // The largest over factors, so that a factor is solved no less well for standing beside others (the log-density
  // of a likelihood is one of them).
  Tensor scaled_error(const Spaces& spaces, const State& x, const RungeKuttaStep& end, const Tensor& dt) const {
    Tensor largest = at::zeros_like(dt);
    for (std::size_t f = 0; f < x.size(); ++f) {
      if (!end.error[f].defined()) continue;
      const Tensor length = at::maximum(length_scale(*spaces[f], x[f]), length_scale(*spaces[f], end.x[f]));
      const Tensor error = rms(as_manifold(*spaces[f], "dopri5"), x[f], end.error[f]);
      largest = at::maximum(largest, error / (atol_ + rtol_ * length));
    }
    return largest;
  }

  double atol_, rtol_;
  std::optional<double> first_step_;
  int64_t max_steps_;
  Geometry geometry_;
  Tableau tableau_;
};

}  // namespace

void add_dopri5(Catalog& c) {
  c.steppers.add<Dopri5>("dopri5", {"Dormand-Prince 5(4) with a step length of its own for each sample: order 5, six "
                                    "evaluations per step.",
                                    "Dormand & Prince 1980, doi:10.1016/0771-050X(80)90013-3"});
}

}  // namespace genmatch
