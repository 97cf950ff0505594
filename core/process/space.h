#pragma once
// Where a process lives. Functions are batched by broadcasting: a point is a tensor [..., *event_shape] with any
// leading dimensions; scalars per point come back as [...].
#include <memory>
#include <string>
#include <vector>

#include "core/process/coefficients.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

class Manifold;

/// Laws (tests/conformance/space_test.cpp):
///  1. sample(n) has shape [n, *event_shape] and violation 0 (to rounding).
///  2. distance is a metric: 0 iff equal, symmetric, triangle inequality.
///  3. exp(log_base_density) integrates to one where the base law is a density on the space's own measure.
///  4. features_jvp is the directional derivative of features.
///  5. advance stays on the space, and in the component.
class Space {
 public:
  virtual ~Space() = default;
  /// The mathematical name, e.g. "S^2"; spaces of one name have the same points, coordinates and measure.
  virtual std::string describe() const = 0;
  virtual Shape event_shape() const = 0;
  int64_t event_size() const;  ///< product of event_shape

  /// The canonical base law: uniform where that is a probability, standard normal on R^d.
  virtual Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const = 0;
  /// Its log-density [...] with respect to the space's own measure (area of the unit sphere, Lebesgue, counting): on
  /// each component that of the law there.
  virtual Tensor log_base_density(const Tensor& x) const = 0;
  /// Whether the canonical base law is the uniform one.
  virtual bool compact() const = 0;

  virtual Tensor distance(const Tensor& x, const Tensor& y) const = 0;
  /// A space may fall apart into components that no process leaves, such as clouds of different numbers of particles:
  /// numbers [..., k] that are equal for points of one component. Undefined (the default) where there is but one.
  virtual Tensor component(const Tensor&) const { return {}; }
  /// x [..., *event], of the component that sample() draws from, brought to that of `like`; x itself where there is but
  /// one. The base law of the one becomes that of the other.
  virtual Tensor in_component_of(const Tensor& /*like*/, const Tensor& x) const { return x; }
  bool falls_apart() const;

  /// How far x is from being a point of the space: 0 for valid points, NaN or > 0 otherwise. [...]
  virtual Tensor violation(const Tensor& x) const = 0;

  /// What a network sees of x: [..., feature_size()]; smooth and single-valued on the space.
  virtual int64_t feature_size() const = 0;
  virtual Tensor features(const Tensor& x) const = 0;
  /// Directional derivative of features at x along dx (dx may have more leading dimensions than x).
  virtual Tensor features_jvp(const Tensor& x, const Tensor& dx) const = 0;

  /// One explicit Euler step of length dt ([...] broadcastable to a scalar per point) under the coefficients.
  virtual Tensor advance(const Tensor& x, const Coefficients& c, const Tensor& dt, Rng& rng) const = 0;

  /// This space as a manifold, or null (an alphabet).
  virtual const Manifold* manifold() const { return nullptr; }
};

/// `space` as a manifold; ContractError naming `who` if it is none.
const Manifold& as_manifold(const Space& space, const char* who);

/// The coordinates of all factors side by side: [N, sum of event sizes].
Tensor side_by_side(const State& x);

/// Reshapes per-point scalars [...] so that they broadcast against points [..., *event_shape].
Tensor unsqueeze_event(const Tensor& scalars, const Space& space);

}  // namespace genmatch
