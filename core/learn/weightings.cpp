#include "core/config/catalog.h"
#include "core/learn/loss_weighting.h"
#include "core/ops.h"

namespace genmatch {
namespace {

Tensor snr(const GaussianCoefficients& c) { return (c.alpha / keep_from_zero(c.sigma)).square(); }

// What a weight of the squared error in `wanted` is as one of the error in what the network predicts.
Tensor carried_over(const Tensor& weight, Prediction wanted, Prediction of, const GaussianCoefficients& c) {
  return weight * conversion(of, wanted, c).of_value.square();
}

class UniformWeighting final : public LossWeighting {
 public:
  using Options = NoOptions;
  explicit UniformWeighting(const Options&) {}
  Tensor at(const GaussianCoefficients& c, Prediction) const override { return at::ones_like(c.alpha); }
};

class SigmaSquared final : public LossWeighting {
 public:
  using Options = NoOptions;
  explicit SigmaSquared(const Options&) {}
  Tensor at(const GaussianCoefficients& c, Prediction) const override { return c.sigma.square(); }
};

class Snr final : public LossWeighting {
 public:
  using Options = NoOptions;
  explicit Snr(const Options&) {}
  Tensor at(const GaussianCoefficients& c, Prediction) const override { return snr(c); }
};

class MinSnr final : public LossWeighting {
 public:
  struct Options {
    double gamma = 5;
    void fields(Fields& f) { f("gamma", gamma, "largest weight", above(0)); }
  };
  explicit MinSnr(const Options& options) : gamma_(options.gamma) {}
  Tensor at(const GaussianCoefficients& c, Prediction of) const override {
    return carried_over(snr(c).clamp_max(gamma_), Prediction::data, of, c);
  }

 private:
  double gamma_;
};

class LikelihoodWeighting final : public LossWeighting {
 public:
  using Options = NoOptions;
  explicit LikelihoodWeighting(const Options&) {}
  Tensor at(const GaussianCoefficients& c, Prediction of) const override {
    const Tensor decay = c.alpha_derivative / keep_from_zero(c.alpha);
    return carried_over(noising_variance(c.sigma, c.sigma_derivative, decay), Prediction::score, of, c);
  }
};

}  // namespace

void add_weightings(Catalog& c) {
  c.weightings.add<UniformWeighting>("uniform", {"1: every time counts the same.", ""});
  c.weightings.add<SigmaSquared>("sigma_squared",
                                 {"sigma^2: denoising score matching, where the network predicts the score.",
                                  "Song et al. 2021, arXiv 2011.13456"});
  c.weightings.add<Snr>("snr", {"alpha^2 / sigma^2: where the network predicts the data, the error in the noise.",
                                "Salimans & Ho 2022, arXiv 2202.00512"});
  c.weightings.add<MinSnr>("min_snr",
                           {"The signal-to-noise ratio, at most gamma, of the error in the data, whatever the network "
                            "predicts.",
                            "Hang et al. 2023, arXiv 2303.09556"});
  c.weightings.add<LikelihoodWeighting>(
      "likelihood", {"g^2 of the error in the score, whatever the network predicts, g being the noise of the diffusion "
                     "that runs from the data along the path: bounds the likelihood.",
                     "Song et al. 2021, arXiv 2101.09258"});
}

}  // namespace genmatch
