#pragma once
// Flows that are known in closed form, or whose law is.
#include <cmath>

#include "tests/problems/problem.h"

namespace genmatch {

constexpr double kPi = 3.14159265358979323846;

/// dx/dt = A x + b on R^3 from N(0, I): x(t) by the matrix exponential, p_1 = N(m, e^A e^{A^T}).
inline Problem linear_gaussian() {
  const auto a = [](const Tensor& like) { return matrix({0.3, -0.8, 0.1, 0.5, -0.4, 0.2, -0.1, 0.6, 0.5}, like); };
  const auto b = [](const Tensor& like) { return vector({0.5, -1, 0.2}, like); };
  Problem p = make_problem("linear_gaussian", {make_factor("euclidean", 3)}, [a, b](const State& x, const Tensor&) {
    return State{at::matmul(x[0], a(x[0]).t()) + b(x[0])};
  });
  // exp([[A, b], [0, 0]] t) holds e^{At} and where the origin goes.
  const auto exponential = [a, b](const Tensor& like, double t) {
    const Tensor upper = at::cat({a(like), b(like).unsqueeze(1)}, 1);
    return at::matrix_exp(t * at::cat({upper, at::zeros({1, 4}, like.options())}, 0));
  };
  p.flow = [exponential](const State& x0, double t) {
    const Tensor e = exponential(x0[0], t);
    return State{at::matmul(x0[0], e.slice(0, 0, 3).slice(1, 0, 3).t()) + e.slice(0, 0, 3).select(1, 3)};
  };
  p.log_density = [exponential](const State& x) {
    const Tensor e = exponential(x[0], 1), s = e.slice(0, 0, 3).slice(1, 0, 3);
    const Tensor y = x[0] - e.slice(0, 0, 3).select(1, 3), covariance = at::matmul(s, s.t());
    const Tensor square = (y * at::matmul(y, at::linalg_inv(covariance))).sum(1);
    return -0.5 * (square + at::log(at::linalg_det(covariance)) + 3 * std::log(2 * kPi));
  };
  return p;
}

/// Rotation of S^2 about (2, 1, 2)/3, by 3t^2: keeps the uniform law.
inline Problem rotation() {
  const auto axis = [](const Tensor& like) { return vector({2. / 3, 1. / 3, 2. / 3}, like); };
  Problem p = make_problem("rotation", {make_factor("sphere", 2)}, [axis](const State& x, const Tensor& t) {
    return State{6 * t.unsqueeze(1) * at::cross(axis(x[0]).expand_as(x[0]), x[0], 1)};
  });
  p.flow = [axis](const State& x0, double t) {  // Rodrigues' formula
    const Tensor w = axis(x0[0]).expand_as(x0[0]), along = (w * x0[0]).sum(1, true) * w;
    const double angle = 3 * t * t;
    return State{along + std::cos(angle) * (x0[0] - along) + std::sin(angle) * at::cross(w, x0[0], 1)};
  };
  p.log_density = [](const State& x) { return at::full({x[0].size(0)}, -std::log(4 * kPi), x[0].options()); };
  return p;
}

namespace detail {

constexpr int64_t kTerms = 45;  // of series in 2k: (2k)^n / n! is below rounding

/// With E(a) = (1 - e^-a)/a: the [n, j] for which sum_nj k^n [n, j] s^j = (E(2k) - E(ks)) / (k (2 - s)).
inline Tensor difference_series() {
  const Tensor table = at::zeros({kTerms, kTerms}, at::kDouble);
  double coefficient = 1;  // of a^(n+1) in E(a)
  for (int64_t n = 0; n < kTerms; ++n) {
    coefficient /= -(static_cast<double>(n) + 2);
    for (int64_t j = 0; j <= n; ++j) table[n][j] = coefficient * std::pow(2., n - j);
  }
  return table;
}

}  // namespace detail

/// The meridional flow on S^2 whose law is von Mises-Fisher about mu with concentration k = 3t: from the continuity
/// equation for z = <mu, x>, whose density k e^{kz} / (2 sinh k) has the distribution function F, and
/// dz/dt = -dF/dt / (dF/dz). Written with s = 1 + z as a power series in k, free of the 0/0 at k = 0 and at the poles.
inline Problem growing_von_mises_fisher() {
  constexpr double rate = 3;
  const auto mu = [](const Tensor& like) { return vector({-0.6, 0, 0.8}, like); };
  const auto drift = [mu, series = detail::difference_series()](const State& x, const Tensor& t) {
    const Tensor k = rate * t.unsqueeze(1), m = mu(x[0]), z = (m * x[0]).sum(1, true);
    const Tensor powers = at::arange(detail::kTerms, x[0].options());
    const Tensor difference = (at::matmul(k.pow(powers), series.to(x[0].options())) * (1 + z).pow(powers)).sum(1, true);
    const Tensor end = at::where(k > 0, at::expm1(-2 * k) / (-2 * k).masked_fill(k == 0, 1), at::ones_like(k));
    return State{-rate * difference / end * (m - z * x[0])};
  };
  Problem p = make_problem("growing_von_mises_fisher", {make_factor("sphere", 2)}, drift);
  p.log_density = [mu](const State& x) {
    return rate * (mu(x[0]) * x[0]).sum(1) + std::log(rate / (4 * kPi * std::sinh(rate)));
  };
  return p;
}

/// N(m, s^2) wrapped on the torus, per coordinate, as the sum over images.
class WrappedNormal final : public Source {
 public:
  WrappedNormal(SpacePtr torus, double mean, double scale) : torus_(std::move(torus)), mean_(mean), scale_(scale) {}
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return torus_->manifold()->project(mean_ + scale_ * rng.normal({n, torus_->event_shape()[0]}, like));
  }
  Tensor log_density(const Tensor& x) const override {
    const Tensor images = (x - mean_).unsqueeze(-1) + 2 * kPi * at::arange(-3, 4, x.options());
    const Tensor log_each = -0.5 * (images / scale_).square() - std::log(scale_ * std::sqrt(2 * kPi));
    return at::logsumexp(log_each, -1).sum(-1);
  }

 private:
  SpacePtr torus_;
  double mean_, scale_;
};

/// A wrapped normal on T^dim whose mean moves by 0.7 t and whose variance shrinks from 1.44 to 0.25: the probability
/// flow of the heat equation, u = m' - 1/2 (s^2)' grad ln p_t.
inline Problem shrinking_wrapped_normal(int64_t dim) {
  constexpr double start = 1.44, end = 0.25, speed = 0.7;
  Factor factor = make_factor("torus", dim);
  factor.source = std::make_shared<WrappedNormal>(factor.space, 0, std::sqrt(start));
  const auto last = std::make_shared<WrappedNormal>(factor.space, speed, std::sqrt(end));
  Problem p = make_problem("shrinking_wrapped_normal", {factor}, [](const State& x, const Tensor& t) {
    const Tensor time = t.view({-1, 1, 1}), variance = start + (end - start) * time;
    const Tensor images = x[0].unsqueeze(-1) - speed * time + 2 * kPi * at::arange(-3, 4, x[0].options());
    const Tensor score = -(at::softmax(-0.5 * images.square() / variance, -1) * images / variance).sum(-1);
    return State{speed - 0.5 * (end - start) * score};
  });
  p.log_density = [last](const State& x) { return last->log_density(x[0]); };
  return p;
}

}  // namespace genmatch
