#include "core/process/mixture_oracle.h"

#include <cmath>

#include "core/errors.h"
#include "core/numerics/special.h"
#include "core/ops.h"

namespace genmatch {
namespace {

void check(const GaussianMixture& m) {
  const auto fail = [](const char* what) { throw ContractError(std::string("MixtureOracle: ") + what); };
  const bool defined = m.weights.defined() && m.means.defined() && m.covariances.defined();
  if (!defined || m.means.dim() != 2 || m.weights.sizes() != at::IntArrayRef({m.means.size(0)}) ||
      m.covariances.sizes() != at::IntArrayRef({m.means.size(0), m.means.size(1), m.means.size(1)})) {
    fail("weights [K], means [K, d] and covariances [K, d, d] expected");
  }
  if (m.weights.numel() == 0 || !(m.weights > 0).all().item<bool>()) fail("weights above 0 expected");
  if (!at::allclose(m.covariances, m.covariances.transpose(1, 2))) fail("symmetric covariances expected");
}

}  // namespace

struct MixtureOracle::Marginal {
  Tensor offset;            // [B, K, d], x - alpha m_k in the axes of component k
  Tensor variance;          // [B, K, d] along these
  Tensor log_joint;         // [B, K], ln w_k N(x; ...)
  GaussianCoefficients at;  // each [B, 1, 1]
  Tensor share() const { return log_joint.softmax(1); }
};

MixtureOracle::MixtureOracle(const GaussianMixture& target, std::shared_ptr<const GaussianSchedule> schedule)
    : schedule_(std::move(schedule)) {
  check(target);
  if (schedule_ == nullptr) throw ContractError("MixtureOracle: a schedule expected, got none");
  log_weights_ = target.weights.to(at::kDouble).log().log_softmax(0);
  means_ = target.means.to(at::kDouble);
  std::tie(variances_, axes_) = at::linalg_eigh(target.covariances.to(at::kDouble), "L");
  constexpr double rounding = -1e-12;
  if ((variances_ < rounding * variances_.abs().max()).any().item<bool>())
    throw ContractError("MixtureOracle: positive semidefinite covariances expected");
  variances_ = variances_.clamp_min(0);
}

MixtureOracle::Marginal MixtureOracle::marginal(const Tensor& x, const Tensor& t) const {
  const auto like = x.options();
  const auto wide = [](const Tensor& v) { return v.reshape({-1, 1, 1}); };
  const GaussianCoefficients c = schedule_->at(t);
  Marginal m;
  m.at = {wide(c.alpha), wide(c.sigma), wide(c.alpha_derivative), wide(c.sigma_derivative)};
  const Tensor from = x.unsqueeze(1) - m.at.alpha * means_.to(like);                 // [B, K, d]
  m.offset = at::matmul(from.unsqueeze(2), axes_.to(like).unsqueeze(0)).squeeze(2);  // row vector times axes
  m.variance = m.at.alpha.square() * variances_.to(like) + keep_from_zero(m.at.sigma).square();
  m.log_joint = log_weights_.to(like) - 0.5 * (m.offset.square() / m.variance + m.variance.log() + kLogTwoPi).sum(2);
  return m;
}

Tensor MixtureOracle::along_axes(const Marginal& m, const Tensor& gain) const {
  return at::matmul(axes_.to(m.offset.options()), (gain * m.offset).unsqueeze(3)).squeeze(3);
}

std::vector<Coefficients> MixtureOracle::at(const State& x, const Tensor& t) const {
  if (x.size() != 1) throw ContractError("MixtureOracle: a state of one factor expected");
  return {{velocity(x[0], t), {}, {}, {}}};
}

Tensor MixtureOracle::velocity(const Tensor& x, const Tensor& t) const {
  const Marginal m = marginal(x, t);
  const Tensor half_rate =
      m.at.alpha * m.at.alpha_derivative * variances_.to(x.options()) + m.at.sigma * m.at.sigma_derivative;
  const Tensor each = along_axes(m, half_rate / m.variance) + m.at.alpha_derivative * means_.to(x.options());
  return (m.share().unsqueeze(2) * each).sum(1);
}

Tensor MixtureOracle::score(const Tensor& x, const Tensor& t) const {
  const Marginal m = marginal(x, t);
  return (m.share().unsqueeze(2) * along_axes(m, -1 / m.variance)).sum(1);
}

Tensor MixtureOracle::log_density(const Tensor& x, const Tensor& t) const {
  return marginal(x, t).log_joint.logsumexp(1);
}

Tensor MixtureOracle::responsibilities(const Tensor& x, const Tensor& t) const { return marginal(x, t).share(); }

Tensor MixtureOracle::sample(int64_t n, double t, Rng& rng, const at::TensorOptions& like) const {
  const Tensor until = log_weights_.exp().cumsum(0);
  const Tensor which =
      at::searchsorted(until, rng.uniform({n}, at::dtype(at::kDouble)), false, true).clamp_max(until.size(0) - 1);
  const GaussianCoefficients c = schedule_->at(at::full({1}, t, at::kDouble));
  const Tensor deviation = (c.alpha.square() * variances_ + c.sigma.square()).sqrt().index_select(0, which);
  const Tensor noise = (deviation * rng.normal({n, means_.size(1)}, at::dtype(at::kDouble))).unsqueeze(2);
  const Tensor turned = at::matmul(axes_.index_select(0, which), noise).squeeze(2);
  return (c.alpha * means_.index_select(0, which) + turned).to(like);
}

}  // namespace genmatch
