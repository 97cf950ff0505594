#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/solve/runge_kutta.h"

namespace genmatch {
namespace {

void refuse_backward(const Coefficients& c, const Tensor& dt) {
  if (!c.variance.defined() && !c.rates.defined()) return;
  if (dt.lt(0).any().item<bool>()) {
    throw NumericalError(
        "euler: a generator with a variance or jump rates only runs forward in time; drop them, or solve from 0 to 1");
  }
}

class Euler final : public Stepper {
 public:
  using Options = FixedRungeKutta::Options;
  explicit Euler(const Options& options) : steps_(options.steps), geometry_(geometry_named(options.geometry)) {}

  Step step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t, const Tensor& dt,
            const State&, Rng& rng) const override {
    const std::vector<Coefficients> all = coefficients_at(generator, x, t);
    Step end;
    for (std::size_t f = 0; f < x.size(); ++f) {
      const Coefficients& c = all[f];
      refuse_backward(c, dt);
      const bool flow = !c.variance.defined() && !c.rates.defined();
      if (flow && !c.drift.defined()) {
        end.x.push_back(x[f]);
      } else if (flow && geometry_ == Geometry::retraction) {
        end.x.push_back(as_manifold(*spaces[f], "euler").project(x[f] + unsqueeze_event(dt, *spaces[f]) * c.drift));
      } else {
        end.x.push_back(spaces[f]->advance(x[f], c, dt, rng));
      }
    }
    return end;
  }
  int order() const override { return 1; }
  int64_t steps() const override { return steps_; }

 private:
  int64_t steps_;
  Geometry geometry_;
};

}  // namespace

void add_euler(Catalog& c) {
  c.steppers.add<Euler>(
      "euler", {"Euler's method, for flows, generators with a variance (then Euler-Maruyama, weak order 1, always "
                "through exp) and jump rates: order 1, one evaluation per step.",
                "Kloeden & Platen 1992, 9.1"});
}

}  // namespace genmatch
