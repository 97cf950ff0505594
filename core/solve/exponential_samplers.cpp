#include <cmath>

#include "core/ops.h"
#include "core/process/gaussian_flow.h"
#include "core/process/space.h"
#include "core/solve/sampler.h"

namespace genmatch {
namespace {

struct GridOptions {
  int64_t steps = 50;
  void fields(Fields& f) { f("steps", steps, "number of steps, one evaluation each, on sampling.grid", at_least(1)); }
};

// alpha and sigma of one factor, one number per row, as they stand before points.
struct Scales {
  Scales(const GaussianFlow& flow, std::size_t f, const State& x, double t) {
    const GaussianCoefficients c = flow.schedule(f).at(at_time(x, t));
    alpha = unsqueeze_event(c.alpha, *flow.factors()[f].space);
    sigma = unsqueeze_event(c.sigma, *flow.factors()[f].space);
  }
  Tensor alpha, sigma;
};

class GridSampler : public Sampler {
 public:
  GridSampler(const GridOptions& options, const SamplerContext& context, const char* who)
      : factors_(context.factors), times_(context.grid->times(options.steps, context.factors)) {
    gaussian_schedules(factors_, who);
  }

 protected:
  Solution solve(const State& x0, const GridStep& step, const StepCallback& callback) const {
    const at::NoGradGuard no_grad;
    Solution solution = run_through(times_, x0, step, callback);
    solution.evaluations = static_cast<int64_t>(times_.size()) - 1;
    return solution;
  }
  const Factors factors_;
  const std::vector<double> times_;
};

/// x' = alpha' x1 + sqrt(sigma'^2 - c^2) eps + c z, with x1 and eps as predicted at (x, t) and c / eta the standard
/// deviation of x' given x and x1 in the process that noises data.
class Ancestral final : public GridSampler {
 public:
  struct Options : GridOptions {
    double eta = 1;
    void fields(Fields& f) {
      GridOptions::fields(f);
      f("eta", eta, "0 is DDIM, without noise; 1 is DDPM's ancestral sampling", between(0, 1));
    }
  };
  Ancestral(const Options& options, const SamplerContext& context)
      : GridSampler(options, context, "ancestral sampling"), eta_(options.eta) {}

  Solution run(const GeneratorPtr& generator, const State& x0, Rng& rng, const StepCallback& callback) const override {
    const GaussianFlow flow(generator, factors_, "ancestral sampling");
    const auto step = [&](const State& x, double t, double next) {
      const Tensor time = at_time(x, t);
      const State velocity = flow.velocity(x, time);
      State y = x;
      for (std::size_t f = 0; f < x.size(); ++f) {
        if (!flow.moves(f)) continue;
        const Scales from(flow, f, x, t), to(flow, f, x, next);
        const Tensor data = flow.read(Prediction::data, f, x[f], time, velocity[f]);
        const Tensor noise = flow.read(Prediction::noise, f, x[f], time, velocity[f]);
        const Tensor ratio = from.alpha * to.sigma / (to.alpha * from.sigma);
        const Tensor added = eta_ * to.sigma * (1 - ratio.square()).clamp_min(0).sqrt();
        y[f] = to.alpha * data + (to.sigma.square() - added.square()).clamp_min(0).sqrt() * noise;
        if (eta_ > 0) y[f] = y[f] + added * rng.normal(x[f].sizes(), x[f].options());
      }
      return y;
    };
    return solve(x0, step, callback);
  }

 private:
  double eta_;
};

/// x' = (sigma' / sigma) x + (alpha' - alpha sigma' / sigma) D: exact for a constant D. D extrapolates the data
/// predictions of this step and the one before linearly in ln(alpha / sigma). At the ends, where that is infinite,
/// and in the first step, D is the prediction itself.
class DpmSolver final : public GridSampler {
 public:
  using Options = GridOptions;
  DpmSolver(const Options& options, const SamplerContext& context) : GridSampler(options, context, "DPM-Solver++") {}

  Solution run(const GeneratorPtr& generator, const State& x0, Rng&, const StepCallback& callback) const override {
    const GaussianFlow flow(generator, factors_, "DPM-Solver++");
    State before;         // the data predictions of the step before
    double t_before = 0;  // and their time
    const auto step = [&](const State& x, double t, double next) {
      State data = flow.predict(Prediction::data, x, at_time(x, t)), y = x;
      for (std::size_t f = 0; f < x.size(); ++f) {
        if (!flow.moves(f)) continue;
        const Scales from(flow, f, x, t), to(flow, f, x, next);
        Tensor d = data[f];
        if (!before.empty()) d = d + extrapolation(flow, f, t_before, t, next) * (data[f] - before[f]);
        const Tensor rest = to.sigma / from.sigma;
        y[f] = rest * x[f] + (to.alpha - from.alpha * rest) * d;
      }
      before = std::move(data);
      t_before = t;
      return y;
    };
    return solve(x0, step, callback);
  }

 private:
  // Half the ratio of the steps in ln(alpha / sigma), which is that of the steps in log_snr; 0 where one is infinite.
  static double extrapolation(const GaussianFlow& flow, std::size_t f, double before, double now, double next) {
    const auto log_snr = [&](double t) {
      return flow.schedule(f).log_snr(at::full({1}, t, at::kDouble)).item<double>();
    };
    const double done = log_snr(now) - log_snr(before), ahead = log_snr(next) - log_snr(now);
    return std::isfinite(done) && std::isfinite(ahead) ? 0.5 * ahead / done : 0;
  }
};

}  // namespace

void add_exponential_samplers(Catalog& c) {
  c.samplers.add<Ancestral>("ancestral", {"DDPM's ancestral sampling, DDIM, and what lies between.",
                                          "Ho et al. 2020, arXiv 2006.11239; Song et al. 2021, arXiv 2010.02502"});
  c.samplers.add<DpmSolver>("dpm_solver", {"DPM-Solver++(2M): second order, one evaluation per step, no noise.",
                                           "Lu et al. 2022, arXiv 2211.01095, algorithm 2"});
}

}  // namespace genmatch
