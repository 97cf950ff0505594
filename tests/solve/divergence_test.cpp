// The divergence against transported differences of the drift, and densities against their total mass.
#include "core/solve/divergence.h"

#include <gtest/gtest.h>

#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <vector>

#include "core/solve/likelihood.h"
#include "tests/problems/closed_form.h"
#include "tests/problems/nonlinear.h"
#include "tests/solve/build_stepper.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

// sum_i <e_i, (v(exp(h e_i)) brought back by parallel transport - v(exp(-h e_i)) likewise) / 2h>.
Tensor by_transport(const Problem& problem, const State& x, const Tensor& t) {
  constexpr double h = 1e-5;
  Tensor total = at::zeros_like(t);
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Manifold& m = *problem.factors[f].space->manifold();
    for (const Tensor& e : m.tangent_basis(x[f]).unbind()) {
      for (const double side : {h, -h}) {
        State moved = x;
        moved[f] = m.exp(x[f], side * e);
        const Tensor v = problem.generator->at(moved, t)[f].drift;
        total = total + m.inner(x[f], e, m.transport(moved[f], x[f], v)) / (2 * side);
      }
    }
  }
  return total;
}

TEST(Divergence, EqualsTransportedDifferences) {
  std::vector<Problem> problems = nonlinear_problems();
  problems.push_back(growing_von_mises_fisher());
  for (const Problem& problem : problems) {
    Rng rng(2, "points");
    const State x = sample_source(problem.factors, 9, rng, at::dtype(at::kDouble));
    const Tensor t = rng.uniform({9}, at::dtype(at::kDouble));
    EXPECT_TRUE(near(divergence(*problem.generator, problem.spaces(), x, t), by_transport(problem, x, t), 1e-8))
        << problem.name;
  }
}

TEST(Divergence, OfAnUndefinedDriftIsZero) {
  const Factors factors{make_factor("euclidean", 1), make_factor("sphere", 2)};
  const Field field([](const State& x, const Tensor&) { return State{3 * x[0], Tensor()}; });
  Rng rng(2, "points");
  const State x = sample_source(factors, 4, rng, at::dtype(at::kDouble));
  EXPECT_TRUE(
      near(divergence(field, spaces(factors), x, at::zeros({4}, at::kDouble)), at::full({4}, 3., at::kDouble), 1e-14));
}

struct Nodes {
  Tensor x, weight;
};
// Gauss-Legendre on [a, b].
Nodes gauss(double a, double b) {
  using Rule = boost::math::quadrature::gauss<double, 80>;
  std::vector<double> x, w;
  for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
    for (const int side : {-1, 1}) {
      x.push_back(0.5 * (a + b) + 0.5 * (b - a) * side * Rule::abscissa()[i]);
      w.push_back(0.5 * (b - a) * Rule::weights()[i]);
    }
  }
  return {at::tensor(x, at::kDouble), at::tensor(w, at::kDouble)};
}

double total_mass(const Problem& problem, const Tensor& x, const Tensor& weight, const char* stepper) {
  Rng rng(1, "mass");
  const Tensor log_p =
      log_density(*problem.generator, problem.factors, {x}, *build_stepper(stepper), {}, rng).log_density;
  return (weight.to(x.options()) * log_p.exp()).sum().item<double>();
}

TEST(LogDensity, IntegratesToOneOverTheSphere) {
  const Nodes z = gauss(-1, 1), phi = gauss(-kPi, kPi);  // the area element is dz dphi
  const auto grid = at::meshgrid({z.x, phi.x}, "ij");
  const Tensor height = grid[0].flatten(), radius = (1 - height.square()).sqrt(), angle = grid[1].flatten();
  const Tensor x = at::stack({radius * angle.cos(), radius * angle.sin(), height}, 1);
  const Tensor weight = at::outer(z.weight, phi.weight).flatten();
  EXPECT_NEAR(total_mass(nonlinear_sphere(), x, weight, "{type: dopri5, tolerance: 1e-7}"), 1, 1e-5);
  EXPECT_NEAR(total_mass(nonlinear_sphere(), x.to(at::kFloat), weight, "dopri5"), 1, 1e-3);
}

TEST(LogDensity, IntegratesToOneOverTheTorus) {
  const Nodes a = gauss(-kPi, kPi);
  const auto grid = at::meshgrid({a.x, a.x}, "ij");
  const Tensor x = at::stack({grid[0].flatten(), grid[1].flatten()}, 1);
  const Tensor weight = at::outer(a.weight, a.weight).flatten();
  EXPECT_NEAR(total_mass(nonlinear_torus(), x, weight, "{type: dopri5, tolerance: 1e-7}"), 1, 1e-5);
  EXPECT_NEAR(total_mass(nonlinear_torus(), x.to(at::kFloat), weight, "dopri5"), 1, 1e-3);
}

}  // namespace
}  // namespace genmatch
