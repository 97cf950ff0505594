#include <memory>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"
#include "core/process/affine.h"
#include "core/process/manifold.h"
#include "core/process/path.h"
#include "core/process/schedule.h"
#include "core/process/source.h"

namespace genmatch {
namespace {

// The path of a standard normal source as a Gaussian one.
class LinearGaussian final : public GaussianSchedule {
 public:
  LinearGaussian(std::shared_ptr<const Schedule> kappa, double sigma_min)
      : kappa_(std::move(kappa)), fall_(1 - sigma_min) {}
  GaussianCoefficients at(const Tensor& t) const override {
    const Tensor kappa = kappa_->value(t), speed = kappa_->derivative(t);
    return {kappa, 1 - fall_ * kappa, speed, -fall_ * speed};
  }

 private:
  std::shared_ptr<const Schedule> kappa_;
  double fall_;
};

/// x_t = s x0 + kappa x1 with s = 1 - (1 - sigma_min) kappa.
class LinearPath final : public Path {
 public:
  struct Options {
    ScheduleChoice schedule{"linear"};
    double sigma_min = 0;
    void fields(Fields& f) {
      f("schedule", schedule, "how far along the line x_t is at time t");
      f("sigma_min", sigma_min, "share of the source that is left at t = 1", at_least(0) & below(1));
    }
  };
  LinearPath(const Options& options, const SpacePtr& space, const SourcePtr& source)
      : space_(space), source_(source), schedule_(options.schedule.make()), sigma_min_(options.sigma_min) {
    if (!straight(*space)) {
      throw OptionError("", "linear paths need euclidean space, not " + space->describe() + "; use geodesic");
    }
    if (is_normal(*source, *space, 1)) gaussian_ = std::make_unique<LinearGaussian>(schedule_, sigma_min_);
  }

  Tensor sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng&) const override {
    const Tensor kappa = unsqueeze_event(schedule_->value(t), *space_);
    return scale(kappa) * x0 + kappa * x1;
  }

  Tensor velocity(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override {
    const Tensor speed = unsqueeze_event(schedule_->derivative(t), *space_);
    if (x0.defined()) return speed * (x1 - (1 - sigma_min_) * x0);
    const Tensor kappa = unsqueeze_event(schedule_->value(t), *space_);
    return speed / clamp_remainder(scale(kappa)) * (x1 - (1 - sigma_min_) * xt);
  }

  Tensor log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const override {
    const Tensor kappa = schedule_->value(t);
    const Tensor s = clamp_remainder(scale(kappa));
    const Tensor x0 = (xt - unsqueeze_event(kappa, *space_) * x1) / unsqueeze_event(s, *space_);
    return source_->log_density(x0) - space_->manifold()->dim_at(x1) * s.log();
  }

  double end_noise() const override { return sigma_min_; }
  const GaussianSchedule* gaussian() const override { return gaussian_.get(); }

 private:
  Tensor scale(const Tensor& kappa) const { return 1 - (1 - sigma_min_) * kappa; }

  SpacePtr space_;
  SourcePtr source_;
  std::shared_ptr<const Schedule> schedule_;
  double sigma_min_;
  std::unique_ptr<const GaussianSchedule> gaussian_;
};

}  // namespace

void add_linear_path(Catalog& c) {
  c.paths.add<LinearPath>("linear",
                          {"Straight lines x_t = (1 - (1 - sigma_min) kappa) x0 + kappa x1 in euclidean space "
                           "(conditional optimal transport).",
                           "Lipman et al. 2023, arXiv 2210.02747, sec. 4.1"});
}

}  // namespace genmatch
