#include "core/errors.h"
#include "core/ops.h"
#include "core/process/diffused.h"
#include "core/process/space.h"
#include "core/solve/sampler.h"

namespace genmatch {
namespace {

struct DiffusionOptions {
  DiffusionCoefficientChoice noise;
  StepperChoice stepper{"euler"};
  explicit DiffusionOptions(const char* default_noise) : noise(default_noise) {}
  void fields(Fields& f) {
    f("noise", noise, "how much noise runs with it, g(t): reverse, sigma, constant or tabulated");
    f("stepper", stepper, "the numerical method: euler or stochastic_heun; sampling.stepper stays that of the ODE");
  }
};

// What the two samplers by simulated diffusion share.
class DiffusionSampler : public Sampler {
 public:
  DiffusionSampler(const DiffusionOptions& options, const SamplerContext& context)
      : factors_(context.factors), noise_(options.noise.make()), stepper_(fixed(options.stepper, context)) {
    gaussian_schedules(factors_, "a stochastic process");
  }

 protected:
  std::shared_ptr<const Generator> diffused(const GeneratorPtr& flow) const {
    return std::make_shared<Diffused>(flow, factors_, noise_);
  }
  const Factors factors_;
  const DiffusionCoefficientPtr noise_;
  const std::shared_ptr<const Stepper> stepper_;

 private:
  static std::shared_ptr<const Stepper> fixed(const StepperChoice& choice, const SamplerContext& context) {
    if (choice.name() != "euler" && choice.name() != "stochastic_heun")
      throw OptionError("stepper",
                        "euler or stochastic_heun expected, got " + choice.name() + ", which takes no noise");
    return on_grid(choice.make(), *context.grid, context.factors);
  }
};

class Sde final : public DiffusionSampler {
 public:
  struct Options : DiffusionOptions {
    Options() : DiffusionOptions("reverse") {}
  };
  using DiffusionSampler::DiffusionSampler;
  Solution run(const GeneratorPtr& flow, const State& x0, Rng& rng, const StepCallback& callback) const override {
    return simulate(*diffused(flow), spaces(factors_), x0, 0, 1, *stepper_, rng, callback);
  }
};

/// A Langevin step of length e = 2 (snr sigma)^2: Song et al. set it by the norms of noise and score, whose mean
/// ratio is sigma; with sigma itself rows do not depend on each other, and p_t stays invariant.
class PredictorCorrector final : public DiffusionSampler {
 public:
  struct Options : DiffusionOptions {
    int64_t corrections = 1;
    double snr = 0.16;
    Options() : DiffusionOptions("reverse") {}
    void fields(Fields& f) {
      DiffusionOptions::fields(f);
      f("corrections", corrections, "Langevin steps after each step", at_least(0));
      f("snr", snr, "their size: each moves by 2 (snr sigma)^2 times the score", above(0) & below(1));
    }
  };
  PredictorCorrector(const Options& options, const SamplerContext& context)
      : DiffusionSampler(options, context), options_(options) {}

  Solution run(const GeneratorPtr& flow, const State& x0, Rng& rng, const StepCallback& callback) const override {
    const at::NoGradGuard no_grad;
    const auto predictor = diffused(flow);
    const Langevin corrector(flow, factors_, sigma_coefficient(2 * options_.snr));  // over a time of one
    const Spaces on = spaces(factors_);
    int64_t evaluations = 0;
    const auto step = [&](const State& x, double t, double next) {
      State y = stepper_->step(*predictor, on, x, at_time(x, t), at_time(x, next - t), {}, rng).x;
      evaluations += stepper_->order();  // Euler's one, Heun's two
      if (next == 1) return y;           // where there is no noise left to correct
      for (int64_t i = 0; i < options_.corrections; ++i, ++evaluations) {
        const std::vector<Coefficients> langevin = corrector.at(y, at_time(x, next));
        for (std::size_t f = 0; f < y.size(); ++f) y[f] = on[f]->advance(y[f], langevin[f], at_time(x, 1), rng);
      }
      return y;
    };
    Solution solution = run_through(stepper_->times(0, 1), x0, step, callback);
    solution.evaluations = evaluations;
    return solution;
  }

 private:
  Options options_;
};

}  // namespace

void add_diffusion_samplers(Catalog& c) {
  c.samplers.add<Sde>(
      "sde", {"dX = (u + 1/2 g^2 s) dt + g dW, with the marginals of the flow.", "Song et al. 2021, arXiv 2011.13456"});
  c.samplers.add<PredictorCorrector>("predictor_corrector", {"The same with Langevin steps after each step.",
                                                             "Song et al. 2021, arXiv 2011.13456, algorithm 1"});
}

}  // namespace genmatch
