#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/numerics/cardinal_weights.h"
#include "core/ops.h"
#include "core/process/affine.h"
#include "core/process/manifold.h"
#include "core/process/path.h"
#include "core/process/path_times.h"
#include "core/process/source.h"

namespace genmatch {
namespace {

/// x_t = sum_k w_k(t) x_k + eta z, z ~ N(0, I), with cardinal weights w_k; the points x_1 ... x_K are x1 [B, K,
/// *event].
class WaypointsPath final : public Path {
 public:
  struct Options {
    std::vector<double> times;
    std::string interpolation = "linear", shape = "constant";
    double noise = 0;
    void fields(Fields& f) {
      f("times", times, "of the data, ascending, that the path passes through; rows of other times are held out",
        required);
      f("interpolation", interpolation, "straight lines from time to time, or the natural cubic spline through all",
        one_of({"linear", "cubic"}));
      f("noise", noise, "standard deviation of the noise on top; 0 = none", at_least(0));
      f("shape", shape,
        "of the noise in time: constant, or a Brownian bridge from time to time, whose variance between times a and b "
        "of the path, which runs from 0 to 1, is noise^2 (t - a) (b - t) / (b - a)",
        one_of({"constant", "bridge"}));
    }
  };
  WaypointsPath(const Options& options, const SpacePtr& space, const SourcePtr& source)
      : space_(space),
        source_(source),
        times_(options.times),
        weights_(unit_times(options.times), options.interpolation == "cubic"),
        noise_(options.noise),
        bridge_(options.shape == "bridge"),
        normal_(is_normal(*source, *space, 1)) {
    if (!straight(*space)) throw OptionError("", "waypoints need euclidean space, not " + space->describe());
  }

  Tensor sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng& rng) const override {
    const At c = at(t);
    const Tensor mean = c.start * x0 + sum(c.weights, x1);
    if (noise_ == 0) return mean;
    return mean + c.eta * space_->manifold()->tangent_noise(mean, rng.normal(mean.sizes(), mean.options()));
  }

  Tensor velocity(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override {
    const At c = at(t);
    const Tensor data = sum(c.derivatives, x1);
    if (x0.defined()) {
      const Tensor mean = data + c.start_derivative * x0;
      if (noise_ == 0 || !bridge_) return mean;
      return mean + c.eta_eta_derivative / not_zero(c.eta.square()) * (xt - c.start * x0 - sum(c.weights, x1));
    }
    const Tensor growth = c.start * c.start_derivative + c.eta_eta_derivative;
    return data + growth / variance(c) * (xt - sum(c.weights, x1));
  }

  Tensor log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const override {
    const At c = at(t);
    const Tensor scale = variance(c).sqrt(), rest = (xt - sum(c.weights, x1)) / scale;
    const Tensor density =
        noise_ == 0 ? source_->log_density(at::where(c.start < 0, -rest, rest)) : space_->log_base_density(rest);
    return density - space_->manifold()->dim_at(xt) * per_point(scale).log();
  }

  Tensor score(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override {
    const At c = at(t);
    const Tensor rest = xt - sum(c.weights, x1);
    if (!x0.defined()) return -rest / variance(c);
    if (noise_ == 0) return Path::score(xt, t, x0, x1);
    return -(rest - c.start * x0) / not_zero(c.eta.square());
  }

  Tensor noise(const Tensor& t) const override { return per_point(at(t).eta); }
  double blur() const override { return bridge_ ? 0 : noise_; }
  std::vector<double> times() const override { return times_; }

 private:
  static std::vector<double> unit_times(const std::vector<double>& times) {
    bool rise = times.size() >= 2;
    for (std::size_t i = 0; i < times.size(); ++i)
      rise = rise && std::isfinite(times[i]) && (i == 0 || times[i] > times[i - 1]);
    if (!rise)
      throw OptionError("times", fmt::format("at least two rising numbers expected, got [{}]", fmt::join(times, ", ")));
    const PathTimes known(times);
    std::vector<double> unit;
    for (const double time : times) unit.push_back(known.unit(time));
    return unit;
  }

  struct At {                                                 // per point, to be broadcast over the event ...
    Tensor start, start_derivative, eta, eta_eta_derivative;  // ... w_0 and the noise
    Tensor weights, derivatives;                              // ... [..., K], of the others
  };
  At at(const Tensor& t) const {
    const CardinalWeights::Values w = weights_.at(t);
    const Tensor length = w.to - w.from, passed = (t - w.from).clamp_min(0), left = (w.to - t).clamp_min(0);
    const auto wide = [&](const Tensor& x) { return unsqueeze_event(x, *space_); };
    const auto later = [](const Tensor& all) { return all.slice(-1, 1); };
    return {wide(w.weights.select(-1, 0)),
            wide(w.derivatives.select(-1, 0)),
            wide(bridge_ ? noise_ * (passed * left / length).sqrt() : at::full_like(t, noise_)),
            wide(bridge_ ? 0.5 * noise_ * noise_ * (left - passed) / length : at::zeros_like(t)),
            later(w.weights),
            later(w.derivatives)};
  }
  /// sum_k w_k x_k
  Tensor sum(const Tensor& weights, const Tensor& x1) const {
    const auto event = static_cast<int64_t>(space_->event_shape().size());
    return (unsqueeze_event(weights, *space_) * x1).sum(-event - 1);
  }
  Tensor per_point(const Tensor& wide) const {
    return wide.flatten(-static_cast<int64_t>(space_->event_shape().size())).select(-1, 0);
  }
  static Tensor not_zero(const Tensor& variance) { return keep_from_zero(variance.sqrt()).square(); }
  // Of x_t given x1 alone; where there is noise, for standard normal sources.
  Tensor variance(const At& c) const {
    if (noise_ > 0 && !normal_)
      throw ContractError("waypoints: with noise, x_t given x1 alone has a known law for standard normal sources only");
    return not_zero(c.start.square() + c.eta.square());
  }

  SpacePtr space_;
  SourcePtr source_;
  std::vector<double> times_;
  CardinalWeights weights_;
  double noise_;
  bool bridge_, normal_;
};

}  // namespace

void add_waypoints_path(Catalog& c) {
  c.paths.add<WaypointsPath>(
      "waypoints",
      {"Through data of several times, in euclidean space: straight lines or a cubic spline through a chain of coupled "
       "rows, one of each time, with noise on top.",
       "Tong et al. 2024, arXiv 2302.00482; splines: Rohbeck et al. 2025, MMFM (ICLR); Chen et al. 2023, arXiv "
       "2305.16261"});
}

}  // namespace genmatch
