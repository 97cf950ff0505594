#include "core/process/gaussian_path.h"

#include <fmt/format.h>

#include <cmath>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"
#include "core/process/affine.h"
#include "core/process/manifold.h"
#include "core/process/path.h"

namespace genmatch {
namespace {

class GaussianPath final : public Path {
 public:
  struct Options {
    GaussianScheduleChoice schedule{"cond_ot"};
    void fields(Fields& f) { f("schedule", schedule, "shares of the data and the noise at time t"); }
  };
  GaussianPath(SpacePtr space, std::shared_ptr<const GaussianSchedule> schedule)
      : space_(std::move(space)), schedule_(std::move(schedule)) {
    if (!straight(*space_))
      throw OptionError("", "gaussian paths need euclidean space, not " + space_->describe() + "; use geodesic");
    const GaussianCoefficients ends = schedule_->at(at::tensor({0.0, 1.0}, at::kDouble));
    start_data_ = ends.alpha[0].item<double>();
    start_noise_ = ends.sigma[0].item<double>();
    end_noise_ = ends.sigma[1].item<double>() / start_noise_;
  }
  GaussianPath(const Options& options, const SpacePtr& space, const SourcePtr& source)
      : GaussianPath(space, options.schedule.make()) {
    if (!is_normal(*source, *space, start_noise_))
      throw OptionError("", fmt::format("a path with this schedule begins at normal noise of scale {0:.6g} about "
                                        "zero; write `source: {{type: normal, scale: {0:.6g}}}`",
                                        start_noise_));
  }

  Tensor sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng&) const override {
    const GaussianCoefficients c = at(t);
    return c.alpha * x1 + c.sigma / start_noise_ * x0;
  }

  Tensor velocity(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override {
    const GaussianCoefficients c = at(t);
    const Tensor eps = x0.defined() ? x0 / start_noise_ : (xt - c.alpha * x1) / keep_from_zero(c.sigma);
    return c.alpha_derivative * x1 + c.sigma_derivative * eps;
  }

  Tensor log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const override {
    const GaussianCoefficients c = at(t);
    const Tensor sigma = keep_from_zero(schedule_->at(t).sigma);
    const Tensor eps = (xt - c.alpha * x1) / keep_from_zero(c.sigma);
    return space_->log_base_density(eps) - space_->manifold()->dim_at(x1) * sigma.log();
  }

  double end_noise() const override { return end_noise_; }
  double start_data() const override { return start_data_; }
  const GaussianSchedule* gaussian() const override { return schedule_.get(); }

 private:
  GaussianCoefficients at(const Tensor& t) const {  // per point, to be broadcast over the event
    const GaussianCoefficients c = schedule_->at(t);
    return {unsqueeze_event(c.alpha, *space_), unsqueeze_event(c.sigma, *space_),
            unsqueeze_event(c.alpha_derivative, *space_), unsqueeze_event(c.sigma_derivative, *space_)};
  }

  SpacePtr space_;
  std::shared_ptr<const GaussianSchedule> schedule_;
  double start_data_ = 0, start_noise_ = 1, end_noise_ = 0;
};

}  // namespace

PathPtr gaussian_path(const SpacePtr& space, std::shared_ptr<const GaussianSchedule> schedule) {
  return std::make_shared<GaussianPath>(space, std::move(schedule));
}

void add_gaussian_path(Catalog& c) {
  c.paths.add<GaussianPath>(
      "gaussian",
      {"x_t = alpha x1 + sigma eps in euclidean space, from normal noise to the data: flow matching, stochastic "
       "interpolants and diffusions, told apart by the schedule (kind gaussian_schedule). Papers on diffusion run time "
       "the other way.",
       "Lipman et al. 2023, arXiv 2210.02747; Kingma & Gao 2023, arXiv 2303.00848"});
}

}  // namespace genmatch
