#include <fmt/format.h>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"
#include "core/process/affine.h"
#include "core/process/manifold.h"
#include "core/process/path.h"
#include "core/process/source.h"

namespace genmatch {
namespace {

/// x_t = alpha x1 + s x0 + eta z with s = sigma / sigma(0), z ~ N(0, I), and eta = noise or noise sqrt(t (1 - t)).
class InterpolantPath final : public Path {
 public:
  struct Options {
    GaussianScheduleChoice schedule{"cond_ot"};
    double noise = 0;
    std::string shape = "constant";
    void fields(Fields& f) {
      f("schedule", schedule, "shares of the data, alpha, and of the source, sigma / sigma(0), at time t");
      f("noise", noise, "standard deviation of the noise on top; 0 = none", at_least(0));
      f("shape", shape,
        "of the noise in time: constant, or a bridge that is pinned at both ends, noise sqrt(t (1 - t))",
        one_of({"constant", "bridge"}));
    }
  };
  InterpolantPath(const Options& options, const SpacePtr& space, const SourcePtr& source)
      : space_(space), source_(source), schedule_(options.schedule.make()), noise_(options.noise) {
    bridge_ = options.shape == "bridge";
    if (!straight(*space))
      throw OptionError("", "interpolants need euclidean space, not " + space->describe() + "; use geodesic");
    const GaussianCoefficients ends = schedule_->at(at::tensor({0.0, 1.0}, at::kDouble));
    start_data_ = ends.alpha[0].item<double>();
    start_ = ends.sigma[0].item<double>();
    end_noise_ = ends.sigma[1].item<double>() / start_;
    normal_ = is_normal(*source, *space, start_);
  }

  Tensor sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng& rng) const override {
    const At c = at(t);
    const Tensor mean = c.alpha * x1 + c.s * x0;
    if (noise_ == 0) return mean;
    return mean + c.eta * space_->manifold()->tangent_noise(mean, rng.normal(mean.sizes(), mean.options()));
  }

  Tensor velocity(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override {
    const At c = at(t);
    const Tensor data = c.alpha_derivative * x1;
    if (x0.defined()) {
      const Tensor mean = data + c.s_derivative * x0;
      if (noise_ == 0 || !bridge_) return mean;
      return mean + c.eta_eta_derivative / square(c.eta) * (xt - c.alpha * x1 - c.s * x0);
    }
    const Tensor rest = xt - c.alpha * x1;
    if (noise_ == 0) return data + c.s_derivative / keep_from_zero(c.s) * rest;
    const double variance = start_ * start_;
    return data + (variance * c.s * c.s_derivative + c.eta_eta_derivative) / total(c) * rest;
  }

  Tensor log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const override {
    const At c = at(t);
    const Tensor rest = xt - c.alpha * x1;
    const Tensor dim = space_->manifold()->dim_at(x1);
    if (noise_ == 0) {
      const Tensor s = keep_from_zero(c.s);
      return source_->log_density(rest / s) - dim * per_point(s).log();
    }
    const Tensor scale = total(c).sqrt();
    return space_->log_base_density(rest / scale) - dim * per_point(scale).log();
  }

  Tensor score(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override {
    const At c = at(t);
    const Tensor rest = xt - c.alpha * x1;
    if (!x0.defined()) return -rest / total(c);
    if (noise_ == 0) return Path::score(xt, t, x0, x1);
    return -(rest - c.s * x0) / square(c.eta);
  }

  Tensor noise(const Tensor& t) const override { return per_point(at(t).eta); }
  double blur() const override { return bridge_ ? 0 : noise_; }
  double end_noise() const override { return end_noise_; }
  double start_data() const override { return start_data_; }
  const GaussianSchedule* gaussian() const override { return normal_ && noise_ == 0 ? schedule_.get() : nullptr; }

 private:
  struct At {  // per point, to be broadcast over the event
    Tensor alpha, alpha_derivative, s, s_derivative, eta, eta_eta_derivative;
  };
  At at(const Tensor& t) const {
    const GaussianCoefficients c = schedule_->at(t);
    const Tensor left = t * (1 - t), flat = at::full_like(t, noise_);
    const auto wide = [&](const Tensor& x) { return unsqueeze_event(x, *space_); };
    return {wide(c.alpha),
            wide(c.alpha_derivative),
            wide(c.sigma / start_),
            wide(c.sigma_derivative / start_),
            wide(bridge_ ? noise_ * left.clamp_min(0).sqrt() : flat),
            wide(bridge_ ? 0.5 * noise_ * noise_ * (1 - 2 * t) : at::zeros_like(t))};
  }
  Tensor per_point(const Tensor& wide) const {
    return wide.flatten(-static_cast<int64_t>(space_->event_shape().size())).select(-1, 0);
  }
  static Tensor square(const Tensor& scale) { return keep_from_zero(scale).square(); }
  // The variance of s x0 + eta z.
  Tensor total(const At& c) const {
    if (!normal_)
      throw ContractError(
          fmt::format("interpolant: x_t given x1 alone has a known law for normal sources of scale {} "
                      "only",
                      start_));
    return square((start_ * start_ * c.s.square() + c.eta.square()).sqrt());
  }

  SpacePtr space_;
  SourcePtr source_;
  std::shared_ptr<const GaussianSchedule> schedule_;
  double noise_, start_data_ = 0, start_ = 1, end_noise_ = 0;
  bool bridge_ = false, normal_ = false;
};

}  // namespace

void add_interpolant_path(Catalog& c) {
  c.paths.add<InterpolantPath>(
      "interpolant",
      {"x_t = alpha x1 + sigma x0 with noise on top, from any source to the data in euclidean space: I-CFM (constant "
       "noise), the variance-preserving interpolant (trigonometric), Brownian bridges (shape: bridge).",
       "Tong et al. 2024, arXiv 2302.00482; Albergo & Vanden-Eijnden 2023, arXiv 2209.15571"});
}

}  // namespace genmatch
