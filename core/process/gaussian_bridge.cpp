#include "core/process/gaussian_bridge.h"

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

Tensor function_of(const Tensor& symmetric, double power) {
  const auto [values, axes] = at::linalg_eigh(symmetric);
  return axes.matmul(values.clamp_min(0).pow(power).unsqueeze(1) * axes.t());
}

void check(Gaussian& g, int64_t d) {
  g.mean = g.mean.to(at::kCPU, at::kDouble);
  g.covariance = g.covariance.to(at::kCPU, at::kDouble);
  if (g.mean.sizes() != at::IntArrayRef({d}) || g.covariance.sizes() != at::IntArrayRef({d, d}))
    throw ContractError("GaussianBridge: a mean [d] and a covariance [d, d] of one d expected");
  const bool symmetric = g.covariance.allclose(g.covariance.t());
  if (!symmetric || !(at::linalg_eigvalsh(g.covariance).min().item<double>() > 0))
    throw ContractError("GaussianBridge: covariances must be symmetric and positive definite");
}

}  // namespace

GaussianBridge::GaussianBridge(Gaussian from, Gaussian to, double sigma)
    : from_(std::move(from)), to_(std::move(to)), sigma_(sigma) {
  const int64_t d = from_.mean.numel();
  check(from_, d);
  check(to_, d);
  if (!(sigma >= 0)) throw ContractError("GaussianBridge: sigma must be at least 0");
  const Tensor root = function_of(from_.covariance, 0.5), inverse = function_of(from_.covariance, -0.5);
  const Tensor one = at::eye(d, at::kDouble);
  const double variance = sigma * sigma;
  const Tensor middle = function_of(4 * root.matmul(to_.covariance).matmul(root) + variance * variance * one, 0.5);
  cross_ = 0.5 * (root.matmul(middle).matmul(inverse) - variance * one);
}

double GaussianBridge::cost() const {
  const Tensor traces = (from_.covariance + to_.covariance - 2 * cross_).trace();
  return ((from_.mean - to_.mean).square().sum() + traces).item<double>();
}

Gaussian GaussianBridge::marginal(double t) const {
  const double s = 1 - t;
  const Tensor one = at::eye(from_.mean.numel(), at::kDouble);
  return {s * from_.mean + t * to_.mean,
          s * s * from_.covariance + t * t * to_.covariance + s * t * (cross_ + cross_.t() + sigma_ * sigma_ * one)};
}

// x_t and its velocity are jointly normal, so that E[velocity | x_t] is linear in x_t.
Tensor GaussianBridge::velocity(const Tensor& x, double t) const {
  const Gaussian now = marginal(t);
  const double s = 1 - t;
  const Tensor one = at::eye(from_.mean.numel(), at::kDouble);
  const Tensor joint = s * cross_.t() - t * cross_ + t * to_.covariance - s * from_.covariance +
                       0.5 * sigma_ * sigma_ * (1 - 2 * t) * one;
  const Tensor gain = joint.matmul(at::linalg_inv(now.covariance));
  return (to_.mean - from_.mean).to(x.options()) + (x - now.mean.to(x.options())).matmul(gain.t().to(x.options()));
}

Tensor GaussianBridge::score(const Tensor& x, double t) const {
  const Gaussian now = marginal(t);
  return -(x - now.mean.to(x.options())).matmul(at::linalg_inv(now.covariance).to(x.options()));
}

std::vector<Coefficients> GaussianBridge::at(const State& x, const Tensor& t) const {
  if (x.size() != 1) throw ContractError("GaussianBridge: a state of one factor expected");
  Tensor drift = at::empty_like(x[0]);
  const Tensor times = t.to(at::kCPU, at::kDouble);
  if (t.numel() > 0 && (times == times[0]).all().item<bool>())
    return {{velocity(x[0], times[0].item<double>()), {}, {}, {}}};
  for (int64_t i = 0; i < t.numel(); ++i) drift[i].copy_(velocity(x[0].narrow(0, i, 1), times[i].item<double>())[0]);
  return {{drift, {}, {}, {}}};
}

}  // namespace genmatch
