#include "core/process/exact_generator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/jvp.h"
#include "core/process/path.h"
#include "core/process/space.h"

namespace genmatch {

/// Weights exp(log_weights - log_total) where some data point's path reaches the row, else all on the nearest one.
struct ExactGenerator::Posterior {
  Tensor log_total;  // [B, 1]
  Tensor reached;    // [B, 1]
  Tensor nearest;    // [B, 1]; undefined if all rows are reached

  Tensor weights(const Tensor& log_weights, Range data) const {
    if (!nearest.defined()) return (log_weights - log_total).exp();
    const Tensor index = at::arange(data.begin, data.begin + data.count, nearest.options());
    const Tensor one_hot = (index == nearest).to(log_weights.scalar_type());
    return at::where(reached, (log_weights.masked_fill(reached.logical_not(), 0) - log_total).exp(), one_hot);
  }
};

namespace {

// Coordinates of (row, data point) pairs that are worked on at once: temporaries stay in cache, and all of them with
// an autograd graph over them below some 100 MB.
constexpr int64_t kBlock = 1 << 16;

Tensor normalised_log_prior(const Tensor& weights, const Tensor& like) {
  const int64_t n = like.size(0);
  const at::TensorOptions options = like.options();
  if (!weights.defined()) return at::zeros({n}, options) - std::log(static_cast<double>(n));
  if (weights.dim() != 1 || weights.size(0) != n) {
    throw ContractError(
        fmt::format("ExactGenerator: weights of shape [{}] expected, got [{}]", n, fmt::join(weights.sizes(), ", ")));
  }
  const Tensor w = weights.to(at::kDouble);
  const double total = w.sum().item<double>();
  if (!(w >= 0).all().item<bool>() || !(total > 0) || !std::isfinite(total)) {
    throw ContractError("ExactGenerator: weights must be finite, not negative and not all zero");
  }
  return (w / total).log().to(options);
}

void check_data(const Factors& factors, const State& data) {
  if (factors.empty() || data.size() != factors.size()) {
    throw ContractError(fmt::format("ExactGenerator: data for each of {} factors (at least 1) expected, got {}",
                                    factors.size(), data.size()));
  }
  for (std::size_t f = 0; f < data.size(); ++f) {
    Shape expected = factors[f].space->event_shape();
    expected.insert(expected.begin(), data[0].dim() > 0 ? data[0].size(0) : 0);
    if (data[f].sizes() != at::IntArrayRef(expected) || expected[0] < 1) {
      throw ContractError(
          fmt::format("ExactGenerator: data of factor {} must be [N, *event] with N >= 1 on {}, got [{}]", f,
                      factors[f].space->describe(), fmt::join(data[f].sizes(), ", ")));
    }
    if (!data[f].isfinite().all().item<bool>()) {
      throw ContractError(fmt::format("ExactGenerator: data of factor {} hold NaN or infinity", f));
    }
  }
}

void accumulate(std::vector<Coefficients>& total, const std::vector<Coefficients>& term) {
  total.resize(term.size());
  for (std::size_t f = 0; f < term.size(); ++f) total[f] = add(total[f], term[f]);
}

}  // namespace

ExactGenerator::ExactGenerator(Factors factors, State data, Tensor weights)
    : factors_(std::move(factors)), data_(std::move(data)) {
  check_data(factors_, data_);
  log_prior_ = normalised_log_prior(weights, data_[0]);
  int64_t coordinates = 0;
  for (const Factor& f : factors_) coordinates += f.space->event_size();
  pairs_ = std::max<int64_t>(1, kBlock / coordinates);
}

std::vector<Range> ExactGenerator::blocks_of_data() const { return ranges(data_[0].size(0), pairs_); }

std::vector<Range> ExactGenerator::blocks_of_rows(const State& x, const Tensor& t) const {
  if (x.size() != factors_.size()) {
    throw ContractError(
        fmt::format("ExactGenerator: a state of {} factors expected, got {}", factors_.size(), x.size()));
  }
  for (std::size_t f = 0; f < x.size(); ++f) {
    Shape expected = factors_[f].space->event_shape();
    expected.insert(expected.begin(), t.dim() == 1 ? t.size(0) : -1);
    if (x[f].sizes() != at::IntArrayRef(expected)) {
      throw ContractError(fmt::format("ExactGenerator: t [B] and x [B, *event] expected, got t [{}] and x [{}] on {}",
                                      fmt::join(t.sizes(), ", "), fmt::join(x[f].sizes(), ", "),
                                      factors_[f].space->describe()));
    }
  }
  return ranges(t.size(0), std::max<int64_t>(1, pairs_ / data_[0].size(0)));
}

Tensor ExactGenerator::log_weights(const State& x, const Tensor& t, Range data) const {
  Tensor total = data.of(log_prior_).unsqueeze(0);
  for (std::size_t f = 0; f < factors_.size(); ++f) {
    total = total + factors_[f].path->log_density(x[f].unsqueeze(1), t.unsqueeze(1), data.of(data_[f]).unsqueeze(0));
  }
  return total;
}

Tensor ExactGenerator::log_weights(const State& x, const Tensor& t) const {
  std::vector<Tensor> parts;
  for (const Range& data : blocks_of_data()) parts.push_back(log_weights(x, t, data));
  return joined(parts, 1);
}

Tensor ExactGenerator::nearest(const State& x) const {
  std::vector<Tensor> parts;
  for (const Range& data : blocks_of_data()) {
    const Tensor prior = data.of(log_prior_);
    Tensor squared = (-prior).masked_fill(prior.isfinite(), 0);  // data points of weight zero are infinitely far
    for (std::size_t f = 0; f < factors_.size(); ++f) {
      const Tensor from = x[f].unsqueeze(1), to = data.of(data_[f]).unsqueeze(0);
      // Data of another condition are out of reach wherever they are.
      squared = squared + (factors_[f].moves() ? factors_[f].space->distance(from, to).square()
                                               : -factors_[f].path->log_density(from, from.select(-1, 0), to));
    }
    parts.push_back(squared);
  }
  return joined(parts, 1).argmin(1, true);
}

ExactGenerator::Posterior ExactGenerator::posterior(const State& x, const Tensor& log_weights) const {
  const Tensor reached = (log_weights != -std::numeric_limits<double>::infinity()).any(1, true);  // true for NaN
  if (reached.all().item<bool>()) return {log_weights.logsumexp(1, true), reached, {}};
  return {log_weights.masked_fill(reached.logical_not(), 0).logsumexp(1, true), reached, nearest(x)};
}

std::vector<Coefficients> ExactGenerator::sums(const State& x, const Tensor& t, const Tensor& weights,
                                               Range data) const {
  std::vector<Coefficients> all;
  for (std::size_t f = 0; f < factors_.size(); ++f) {
    const Tensor xt = repeat_rows(x[f], data.count), times = repeat_rows(t, data.count);
    const Tensor x1 = repeat_data(data.of(data_[f]), t.size(0));
    Coefficients sum;
    for (const WeightedGenerator& g : factors_[f].generators) {
      sum = add(sum, scale(weighted_sum(weights, g.generator->given(xt, times, {}, x1)), g.weight));
    }
    all.push_back(sum);
  }
  return all;
}

std::vector<Coefficients> ExactGenerator::at(const State& x, const Tensor& t) const {
  std::vector<std::vector<Coefficients>> parts;
  for (const Range& rows : blocks_of_rows(x, t)) {
    const State xb = rows.of(x);
    const Tensor tb = rows.of(t);
    const Tensor log_w = log_weights(xb, tb);
    const Posterior p = posterior(xb, log_w);
    std::vector<Coefficients> total;
    for (const Range& data : blocks_of_data()) {
      accumulate(total, sums(xb, tb, p.weights(data.of(log_w, 1), data), data));
    }
    parts.push_back(total);
  }
  return joined(parts);
}

// With the total held fixed, the weights sum to S = 1 and the weighted coefficients to V; the quotient rule gives
// D(V / S) = DV - V DS, block by block.
std::vector<Tensor> ExactGenerator::derivative_of_sums(const State& x, const Tensor& t, const State& directions) const {
  const Posterior p = posterior(x, log_weights(x, t));
  std::vector<Tensor> total(factors_.size() + 1);
  for (const Range& data : blocks_of_data()) {
    const auto mass_and_drifts = [&](const State& points) {
      const Tensor w = p.weights(log_weights(points, t, data), data);
      std::vector<Tensor> all{w.sum(1)};
      for (const Coefficients& c : sums(points, t, w, data)) all.push_back(c.drift);
      return all;
    };
    const std::vector<Tensor> term = jvp(mass_and_drifts, x, directions).derivative;
    for (std::size_t i = 0; i < term.size(); ++i) {
      if (term[i].defined()) total[i] = total[i].defined() ? total[i] + term[i] : term[i];
    }
  }
  return total;
}

Linearised ExactGenerator::along(const State& x, const Tensor& t, const State& directions) const {
  const at::NoGradGuard no_gradient;
  Linearised result{at(x, t), {}};
  std::vector<std::vector<Tensor>> parts(factors_.size());
  for (const Range& rows : blocks_of_rows(x, t)) {
    const std::vector<Tensor> change = derivative_of_sums(rows.of(x), rows.of(t), rows.of(directions, 1));
    for (std::size_t f = 0; f < factors_.size(); ++f) {
      const Tensor& dv = change[f + 1];
      const Tensor& v = result.value[f].drift;
      parts[f].push_back(dv.defined() ? dv - rows.of(v) * unsqueeze_event(change[0], *factors_[f].space) : dv);
    }
  }
  for (const auto& part : parts) result.derivative.push_back(joined(part, 1));
  return result;
}

Tensor ExactGenerator::log_density(const State& x, const Tensor& t) const {
  std::vector<Tensor> parts;
  for (const Range& rows : blocks_of_rows(x, t)) parts.push_back(log_weights(rows.of(x), rows.of(t)).logsumexp(1));
  return joined(parts, 0);
}

State ExactGenerator::sample(int64_t n, double t, Rng& rng) const {
  const Tensor cumulative = log_prior_.to(at::kDouble).exp().cumsum(0);
  const Tensor u = rng.uniform({n}, cumulative.options()) * cumulative[-1];
  const Tensor index = at::searchsorted(cumulative, u, false, true).clamp_max(cumulative.size(0) - 1);
  State x1;
  for (const Tensor& one : data_) x1.push_back(one.index_select(0, index));
  const State x0 = sample_source(factors_, n, rng, data_[0].options());
  return sample_path(factors_, x0, x1, at::full({n}, t, data_[0].options()), rng);
}

}  // namespace genmatch
