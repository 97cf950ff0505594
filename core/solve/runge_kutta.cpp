#include "core/solve/runge_kutta.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "core/config/fields.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

// h sum_j weights_j k_j of one factor; undefined if every term is absent.
Tensor combine(const std::vector<double>& weights, const std::vector<State>& k, std::size_t factor, const Tensor& h) {
  Tensor sum;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    const Tensor& term = k[j][factor];
    if (weights[j] == 0 || !term.defined()) continue;
    sum = sum.defined() ? sum.add_(term, weights[j]) : term * weights[j];
  }
  return sum.defined() ? sum.mul_(h) : sum;
}

Tensor move(const Manifold& manifold, Geometry geometry, const Tensor& x, const Tensor& y) {
  if (!y.defined()) return x;
  return geometry == Geometry::exp ? manifold.exp(x, y) : manifold.project(x + y);
}

}  // namespace

Geometry geometry_named(const std::string& name) {
  if (name == "exp") return Geometry::exp;
  if (name == "retraction") return Geometry::retraction;
  throw OptionError("geometry", "expected exp or retraction, got " + name);
}

void geometry_field(Fields& f, std::string& geometry) {
  f("geometry", geometry, "stages by the exponential map, or in the coordinates and projected back",
    one_of({"exp", "retraction"}));
}

std::vector<Coefficients> coefficients_at(const Generator& generator, const State& x, const Tensor& t) {
  std::vector<Coefficients> all = generator.at(x, t);
  if (all.size() != x.size()) {
    throw ContractError(fmt::format("generator: coefficients for {} factors expected, got {}", x.size(), all.size()));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].drift.defined() || all[i].drift.sizes() == x[i].sizes()) continue;
    throw ContractError(fmt::format("generator: drift of factor {} must have the points' shape [{}], got [{}]", i + 1,
                                    fmt::join(x[i].sizes(), ", "), fmt::join(all[i].drift.sizes(), ", ")));
  }
  return all;
}

State drifts_at(const Generator& generator, const State& x, const Tensor& t) {
  State drifts;
  for (Coefficients& c : coefficients_at(generator, x, t)) {
    if (c.variance.defined() || c.rates.defined()) {
      throw ContractError(fmt::format(
          "this stepper solves ordinary differential equations, and the generator of factor {} has {}: use the "
          "stepper {}",
          drifts.size() + 1, c.variance.defined() ? "a variance" : "jump rates",
          c.rates.defined() ? "euler" : "euler or stochastic_heun"));
    }
    drifts.push_back(std::move(c.drift));
  }
  return drifts;
}

RungeKuttaStep runge_kutta(const Tableau& tableau, Geometry geometry, const Generator& generator, const Spaces& spaces,
                           const State& x, const Tensor& t, const Tensor& dt, const State& slope) {
  const std::size_t factors = x.size(), stages = tableau.b.size();
  std::vector<const Manifold*> on(factors);
  State h(factors);
  for (std::size_t f = 0; f < factors; ++f) {
    on[f] = &as_manifold(*spaces[f], "Runge-Kutta step");
    h[f] = unsqueeze_event(dt, *spaces[f]);
  }
  RungeKuttaStep result;
  std::vector<State> k{slope.empty() ? drifts_at(generator, x, t) : slope};
  const auto moved = [&](const std::vector<double>& weights) {
    State point(factors);
    for (std::size_t f = 0; f < factors; ++f) point[f] = move(*on[f], geometry, x[f], combine(weights, k, f, h[f]));
    return point;
  };
  for (std::size_t i = 1; i < stages; ++i) {
    State point = moved(tableau.a[i]);
    State v = drifts_at(generator, point, t + tableau.c[i] * dt);
    const bool end = tableau.first_same_as_last && i + 1 == stages;
    if (end) result.slope = v;
    if (geometry == Geometry::exp) {
      for (std::size_t f = 0; f < factors; ++f)
        if (v[f].defined()) v[f] = on[f]->dlog(x[f], point[f], v[f]);
    }
    k.push_back(std::move(v));
    if (end) result.x = std::move(point);
  }
  if (!tableau.first_same_as_last) result.x = moved(tableau.b);
  if (!tableau.error.empty()) {
    for (std::size_t f = 0; f < factors; ++f) result.error.push_back(combine(tableau.error, k, f, h[f]));
  }
  return result;
}

void FixedRungeKutta::Options::fields(Fields& f) {
  f("steps", steps, "number of steps of equal length on [0, 1]", at_least(1));
  geometry_field(f, geometry);
}

FixedRungeKutta::FixedRungeKutta(Tableau tableau, const Options& options)
    : tableau_(std::move(tableau)), steps_(options.steps), geometry_(geometry_named(options.geometry)) {}

Step FixedRungeKutta::step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t,
                           const Tensor& dt, const State& slope, Rng&) const {
  return {runge_kutta(tableau_, geometry_, generator, spaces, x, t, dt, slope).x, {}, {}};
}

}  // namespace genmatch
