#pragma once
// Time-dependent fields with no symmetry, to measure orders on: their answers come from reference.h.
#include <vector>

#include "tests/problems/problem.h"

namespace genmatch {

inline Problem nonlinear_plane() {
  return make_problem("nonlinear_plane", {make_factor("euclidean", 2)}, [](const State& x, const Tensor& t) {
    const Tensor a = x[0].select(1, 0), b = x[0].select(1, 1);
    return State{at::stack({0.6 * a - 2 * b + 0.3 * at::sin(a + t), 1.6 * a - 0.8 * b + 0.3 * at::cos(b) * a}, 1)};
  });
}

namespace detail {

/// A field on S^2 that depends on a scalar per point, [B, 1].
inline Tensor sphere_field(const Tensor& x, const Tensor& parameter) {
  const Tensor m = matrix({0.3, -0.8, 0.5, 0.9, 0.2, -0.4, 0.1, 0.6, -0.7}, x);
  const Tensor n = matrix({1.1, 0.4, -0.3, -0.5, 0.8, 0.7, 0.2, -0.9, 1.2}, x);
  const Tensor w = at::matmul(x, m) + 0.8 * at::sin(at::matmul(x, n) + 2 * parameter);
  return w - (w * x).sum(1, true) * x;
}

}  // namespace detail

inline Problem nonlinear_sphere() {
  return make_problem("nonlinear_sphere", {make_factor("sphere", 2)}, [](const State& x, const Tensor& t) {
    return State{detail::sphere_field(x[0], t.unsqueeze(1))};
  });
}

inline Problem nonlinear_torus() {
  return make_problem("nonlinear_torus", {make_factor("torus", 2)}, [](const State& x, const Tensor& t) {
    const Tensor a = x[0].select(1, 0), b = x[0].select(1, 1);
    return State{at::stack({0.7 + 0.6 * at::sin(a + 2 * b + 2 * t) + 0.3 * at::cos(b),
                            0.6 * (1 + t) * at::cos(a - b) - 0.3 * at::sin(2 * a)},
                           1)};
  });
}

/// R^1 x S^2 with each factor driving the other.
inline Problem nonlinear_product() {
  return make_problem(
      "nonlinear_product", {make_factor("euclidean", 1), make_factor("sphere", 2)},
      [](const State& x, const Tensor& t) {
        const Tensor time = t.unsqueeze(1), height = x[1].select(1, 2).unsqueeze(1);
        return State{at::sin(2 * x[0]) + height * height + time, detail::sphere_field(x[1], 0.5 * x[0] + time)};
      });
}

inline std::vector<Problem> nonlinear_problems() {
  return {nonlinear_plane(), nonlinear_sphere(), nonlinear_torus(), nonlinear_product()};
}

}  // namespace genmatch
