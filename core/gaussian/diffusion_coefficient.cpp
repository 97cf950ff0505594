#include "core/gaussian/diffusion_coefficient.h"

#include <cmath>

#include "core/gaussian/unit_times.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Constant final : public DiffusionCoefficient {
 public:
  struct Options {
    double value = 1;
    void fields(Fields& f) {
      f("value", value, "g; near the data it needs steps shorter than sigma^2 / g^2", at_least(0));
    }
  };
  explicit Constant(const Options& options) : value_(options.value) {}
  Tensor squared(const Tensor& t, const GaussianCoefficients&) const override {
    return at::full_like(t, value_ * value_);
  }

 private:
  double value_;
};

class Sigma final : public DiffusionCoefficient {
 public:
  struct Options {
    double scale = 1;
    void fields(Fields& f) { f("scale", scale, "g / sigma(t)", at_least(0)); }
  };
  explicit Sigma(const Options& options) : scale_(options.scale) {}
  Tensor squared(const Tensor&, const GaussianCoefficients& c) const override {
    return scale_ * scale_ * keep_from_zero(c.sigma).square();
  }

 private:
  double scale_;
};

/// The time reversal of dX = -(alpha'/alpha) X ds + g dW, which noises data.
class Reverse final : public DiffusionCoefficient {
 public:
  struct Options {
    double scale = 1, limit = 20;
    void fields(Fields& f) {
      f("scale", scale, "g over that of the reverse process; 0 is the flow", at_least(0));
      f("limit", limit,
        "bound on alpha' / alpha, which is infinite where a path starts without data; any keeps the marginals",
        above(0));
    }
  };
  explicit Reverse(const Options& options) : options_(options) {}
  Tensor squared(const Tensor&, const GaussianCoefficients& c) const override {
    const Tensor rate = (c.alpha_derivative / keep_from_zero(c.alpha)).clamp_max(options_.limit);
    const Tensor g2 = noising_variance(keep_from_zero(c.sigma), c.sigma_derivative, rate);
    return options_.scale * options_.scale * g2.clamp_min(0);
  }

 private:
  Options options_;
};

class Tabulated final : public DiffusionCoefficient {
 public:
  struct Options {
    std::vector<double> times{0, 1}, values{1, 0};
    void fields(Fields& f) {
      f("times", times, "strictly increasing, from 0 to 1", not_empty());
      f("values", values, "g at each of them, at least 0; linear in between", not_empty());
    }
  };
  explicit Tabulated(const Options& options) : options_(options) {
    check_unit_times(options.times);
    if (options.values.size() != options.times.size()) throw OptionError("values", "one for each of `times` expected");
    for (const double g : options.values)
      if (!(g >= 0 && std::isfinite(g))) throw OptionError("values", "numbers of at least 0 expected");
  }
  Tensor squared(const Tensor& t, const GaussianCoefficients&) const override {
    Tensor g = at::zeros_like(t);
    for (std::size_t i = 1; i < options_.times.size(); ++i) {
      const double from = options_.times[i - 1], to = options_.times[i];
      const Tensor part = ((t - from) / (to - from)).clamp(0, 1);
      g = g + (options_.values[i] - options_.values[i - 1]) * part;
    }
    return (g + options_.values[0]).clamp_min(0).square();
  }

 private:
  Options options_;
};

}  // namespace

std::shared_ptr<const DiffusionCoefficient> sigma_coefficient(double scale) {
  return std::make_shared<Sigma>(Sigma::Options{scale});
}

void add_diffusion_coefficients(Catalog& c) {
  auto& r = c.diffusion_coefficients;
  r.add<Reverse>("reverse", {"g of the time-reversed noising process", "Song et al. 2021, arXiv 2011.13456"});
  r.add<Sigma>("sigma", {"g proportional to sigma(t)", "Ma et al. 2024, arXiv 2401.08740"});
  r.add<Constant>("constant", {"the same g at all times", ""});
  r.add<Tabulated>("tabulated", {"g from a table, linear in between", ""});
}

}  // namespace genmatch
