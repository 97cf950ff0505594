#include "tests/transport/assignment_cases.h"

#include <cmath>

#include "core/ops.h"
#include "core/rng.h"

namespace genmatch {
namespace {

Tensor points(int64_t n, int64_t dim, uint64_t seed, const char* purpose) {
  return Rng(seed, purpose, static_cast<uint64_t>(n)).normal({n, dim}, at::kDouble);
}

Tensor distances(int64_t n, int64_t dim, uint64_t seed) {
  return at::cdist(points(n, dim, seed, "x"), points(n, dim, seed, "y"), 2, 2);
}

// From a Gaussian to eight of them on a circle.
Tensor eight_gaussians(int64_t n, uint64_t seed) {
  const Tensor angle = Rng(seed, "angle", n).integers(8, {n}).to(at::kDouble) * (M_PI / 4);
  const Tensor y = 5 * at::stack({angle.cos(), angle.sin()}, 1) + std::sqrt(0.1) * points(n, 2, seed, "y");
  return at::cdist(points(n, 2, seed, "x"), y, 2, 2).square();
}

// Squared geodesic distances on the sphere, to 20 clusters.
Tensor clusters(int64_t n, uint64_t seed) {
  const auto normalised = [](const Tensor& x) { return x / x.norm(2, {1}, true); };
  const Tensor centre = normalised(points(20, 3, seed, "centre")).index({Rng(seed, "cluster", n).integers(20, {n})});
  const Tensor y = normalised(centre + 0.1 * points(n, 3, seed, "y"));
  return normalised(points(n, 3, seed, "x")).matmul(y.t()).clamp(-1, 1).acos().square();
}

Tensor integers(int64_t n, int64_t end, uint64_t seed) {
  return Rng(seed, "integers", n).integers(end, {n, n}).to(at::kDouble);
}

Tensor range(int64_t n) { return at::arange(n, at::kDouble); }

// Few kinds of points, each many times.
Tensor repeated(int64_t n) { return (range(n).remainder(10).unsqueeze(1) - range(n).remainder(7)).square(); }

Tensor outlier(int64_t n, uint64_t seed) {
  Tensor cost = distances(n, 2, seed);
  cost[0][0].fill_(1e12);
  return cost;
}

}  // namespace

std::vector<AssignmentCase> assignment_cases() {
  return {
      {"plane_squared", eight_gaussians},
      {"plane_distance", [](int64_t n, uint64_t seed) { return eight_gaussians(n, seed).sqrt(); }},
      {"space_squared", [](int64_t n, uint64_t seed) { return distances(n, 50, seed).square(); }},
      {"space_distance", [](int64_t n, uint64_t seed) { return distances(n, 50, seed); }},
      {"sphere_squared", clusters},
      {"line_squared", [](int64_t n, uint64_t seed) { return distances(n, 1, seed).square(); }},
      {"line_distance", [](int64_t n, uint64_t seed) { return distances(n, 1, seed); }},
      {"uniform",
       [](int64_t n, uint64_t seed) {
         return Rng(seed, "uniform", n).uniform({n, n}, at::kDouble);
       }},
      {"integers", [](int64_t n, uint64_t seed) { return integers(n, 100, seed); }},
      {"zero_or_one", [](int64_t n, uint64_t seed) { return integers(n, 2, seed); }},
      {"ties",
       [](int64_t n, uint64_t) {
         return at::full({n, n}, -3.5, at::kDouble);
       }},
      {"near_ties", [](int64_t n, uint64_t seed) { return 1 + 1e-13 * points(n, n, seed, "near ties"); }},
      {"products", [](int64_t n, uint64_t) { return at::outer(range(n), range(n)); }},
      {"negative_products", [](int64_t n, uint64_t) { return -at::outer(range(n), range(n)); }},
      {"shifted_products", [](int64_t n, uint64_t) { return 1e12 * at::outer(range(n), range(n)) - 5e12; }},
      {"solved", [](int64_t n, uint64_t) { return (range(n).unsqueeze(1) - range(n)).abs(); }},
      {"repeated", [](int64_t n, uint64_t) { return repeated(n); }},
      {"outlier", outlier},
      {"huge", [](int64_t n, uint64_t seed) { return 1e299 * points(n, n, seed, "huge"); }},
      {"tiny", [](int64_t n, uint64_t seed) { return 1e-310 * points(n, n, seed, "tiny"); }},
  };
}

}  // namespace genmatch
