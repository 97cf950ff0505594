#pragma once
// Answers of Boost.odeint, which shares no code with ours.
#include <boost/numeric/odeint.hpp>
#include <vector>

#include "tests/problems/problem.h"

namespace genmatch {

/// x(to) of dX/dt = v(project(X), t) from x0 (float64), by extrapolation (Bulirsch-Stoer) to about 1e-14.
inline State reference(const Problem& problem, const State& x0, double from, double to) {
  using Vector = std::vector<double>;
  const auto as_state = [&](const Vector& y) {
    State x;
    auto* next = const_cast<double*>(y.data());
    for (std::size_t f = 0; f < x0.size(); ++f) {
      const Tensor coordinates = at::from_blob(next, x0[f].sizes(), at::kDouble);
      x.push_back(problem.factors[f].space->manifold()->project(coordinates));
      next += x0[f].numel();
    }
    return x;
  };
  const auto append = [](Vector& y, const Tensor& x) {
    const Tensor flat = x.contiguous();
    y.insert(y.end(), flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
  };
  Vector y;
  for (const Tensor& x : x0) append(y, x);
  const auto system = [&](const Vector& now, Vector& slope, double t) {
    slope.clear();
    const Tensor time = at::full({x0[0].size(0)}, t, at::kDouble);
    for (const Coefficients& c : problem.generator->at(as_state(now), time)) append(slope, c.drift);
  };
  namespace odeint = boost::numeric::odeint;
  odeint::integrate_adaptive(odeint::bulirsch_stoer<Vector>(1e-15, 1e-15), system, y, from, to, 0.1 * (to - from));
  State end;
  for (const Tensor& x : as_state(y)) end.push_back(x.clone());
  return end;
}

}  // namespace genmatch
