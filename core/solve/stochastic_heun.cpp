#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/solve/runge_kutta.h"

namespace genmatch {
namespace {

class StochasticHeun final : public Stepper {
 public:
  struct Options {
    int64_t steps = 100;
    void fields(Fields& f) { f("steps", steps, "number of steps of equal length on [0, 1]", at_least(1)); }
  };
  explicit StochasticHeun(const Options& options) : steps_(options.steps) {}

  // One noise serves the predictor and the step. The variance is taken by the trapezoidal rule, as the drift is.
  Step step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t, const Tensor& dt,
            const State&, Rng& rng) const override {
    const std::vector<Coefficients> start = treatable(generator, x, t, dt);
    State predicted, noise(x.size());
    for (std::size_t f = 0; f < x.size(); ++f) {
      const Manifold& m = as_manifold(*spaces[f], "stochastic_heun");
      Tensor v = moved(dt, m, start[f].drift);
      if (start[f].variance.defined()) {
        noise[f] = m.tangent_noise(x[f], rng.normal(x[f].sizes(), x[f].options()));
        const Tensor diffusion = unsqueeze_event((dt * start[f].variance).sqrt(), m) * noise[f];
        v = v.defined() ? v + diffusion : diffusion;
      }
      predicted.push_back(v.defined() ? m.exp(x[f], v) : x[f]);
    }
    const std::vector<Coefficients> end = treatable(generator, predicted, t + dt, dt);
    Step result;
    for (std::size_t f = 0; f < x.size(); ++f)
      result.x.push_back(corrected(*spaces[f]->manifold(), x[f], predicted[f], start[f], end[f], noise[f], dt));
    return result;
  }
  int order() const override { return 2; }
  int64_t steps() const override { return steps_; }

 private:
  static std::vector<Coefficients> treatable(const Generator& generator, const State& x, const Tensor& t,
                                             const Tensor& dt) {
    std::vector<Coefficients> all = coefficients_at(generator, x, t);
    for (const Coefficients& c : all) {
      if (c.rates.defined()) throw ContractError("stochastic_heun: no jump rates expected; use the stepper euler");
      if (c.variance.defined() && dt.lt(0).any().item<bool>())
        throw NumericalError("stochastic_heun: a generator with a variance only runs forward in time");
    }
    return all;
  }

  static Tensor moved(const Tensor& dt, const Manifold& m, const Tensor& drift) {
    return drift.defined() ? unsqueeze_event(dt, m) * drift : Tensor();
  }

  static Tensor corrected(const Manifold& m, const Tensor& x, const Tensor& predicted, const Coefficients& start,
                          const Coefficients& end, const Tensor& noise, const Tensor& dt) {
    if (!start.drift.defined() && !end.drift.defined() && !noise.defined()) return x;
    Tensor v = at::zeros_like(x);
    if (start.drift.defined()) v = v + 0.5 * moved(dt, m, start.drift);
    if (end.drift.defined()) v = v + 0.5 * moved(dt, m, m.dlog(x, predicted, end.drift));
    if (noise.defined()) {
      const Tensor variance = end.variance.defined() ? 0.5 * (start.variance + end.variance) : 0.5 * start.variance;
      v = v + unsqueeze_event((dt * variance).sqrt(), m) * noise;
    }
    return m.exp(x, v);
  }

  int64_t steps_;
};

}  // namespace

void add_stochastic_heun(Catalog& c) {
  c.steppers.add<StochasticHeun>(
      "stochastic_heun",
      {"Heun's method for generators with a variance that depends on time only (additive noise): weak order 2; "
       "order 2 without a variance. Two evaluations per step, the second at its end: on Gaussian paths "
       "the diffusion coefficient should fade there.",
       "Kloeden & Platen 1992, 15.1"});
}

}  // namespace genmatch
