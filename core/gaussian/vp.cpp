#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"

namespace genmatch {
namespace {

/// alpha = exp(-1/2 B) with B the integral over the diffusion's time s = 1 - t of beta = beta_min + (beta_max -
/// beta_min) s; the variance that the noise has reached is 1 - alpha^2.
class Diffusion : public GaussianSchedule {
 public:
  struct Options {
    double beta_min = 0.1, beta_max = 20;
    void fields(Fields& f) {
      f("beta_min", beta_min, "rate of the noise at the data (t = 1)", above(0));
      f("beta_max", beta_max, "rate of the noise at t = 0, at least beta_min", above(0));
    }
  };
  explicit Diffusion(const Options& options) : beta_min_(options.beta_min), beta_max_(options.beta_max) {
    if (beta_max_ < beta_min_) throw OptionError("beta_max", "must be at least beta_min");
  }

 protected:
  struct Decay {
    Tensor alpha, alpha_derivative, variance;
  };
  Decay decay(const Tensor& t) const {
    const Tensor s = 1 - t, total = s * (beta_min_ + 0.5 * (beta_max_ - beta_min_) * s);
    const Tensor alpha = (-0.5 * total).exp();
    return {alpha, 0.5 * (beta_min_ + (beta_max_ - beta_min_) * s) * alpha, -(-total).expm1()};
  }

 private:
  double beta_min_, beta_max_;
};

class Vp final : public Diffusion {
 public:
  using Diffusion::Diffusion;
  GaussianCoefficients at(const Tensor& t) const override {
    const Decay d = decay(t);
    const Tensor sigma = d.variance.sqrt();
    return {d.alpha, sigma, d.alpha_derivative, -d.alpha * d.alpha_derivative / keep_from_zero(sigma)};
  }
};

class SubVp final : public Diffusion {
 public:
  using Diffusion::Diffusion;
  GaussianCoefficients at(const Tensor& t) const override {
    const Decay d = decay(t);
    return {d.alpha, d.variance, d.alpha_derivative, -2 * d.alpha * d.alpha_derivative};
  }
};

}  // namespace

void add_vp(Catalog& c) {
  const std::string cite = "Song et al. 2021, arXiv 2011.13456, app. B, with time reversed";
  c.gaussian_schedules.add<Vp>("vp", {"Variance-preserving diffusion with a linear rate beta: alpha = exp(-1/2 int "
                                      "beta), sigma = sqrt(1 - alpha^2).",
                                      cite});
  c.gaussian_schedules.add<SubVp>("sub_vp", {"As vp, with less noise: sigma = 1 - alpha^2.", cite});
}

}  // namespace genmatch
