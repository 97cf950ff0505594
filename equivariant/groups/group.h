#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/catalog.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// Elements of a group, one for each leading index: tensors [n, ...] that their group understands.
using GroupElements = std::vector<Tensor>;

/// How carefully elements are sought where no formula gives the best one and moves of several kinds are alternated. No
/// step makes the distance larger.
struct AlignmentOptions {
  int64_t starts = 1;       ///< elements to start from, the identity first
  int64_t iterations = 20;  ///< alternations from each, unless they end before
};

struct Alignment {
  GroupElements element;    ///< that brings y close to x
  Tensor squared_distance;  ///< from x to g y, float64 [n]
};

/// A group of symmetries of a space: maps g of its points that keep distances. Points of any real dtype, on the CPU.
///
/// Laws (tests/conformance/group_test.cpp):
///  1. g x is a point of the space, d(g x, g y) = d(x, y), and g^{-1} g x = x.
///  2. push is the derivative of x -> g x: g exp_x(v) = exp_{g x}(push(g, v)).
///  3. align finds no more than d(x, y), and what it says it found; squared_orbit_distances are those of all pairs.
///  4. A symmetry that was applied is found again (where search is alternation: from enough starts, nearly always).
///  5. Random elements are as likely as their products with any other.
///  6. elements() differ from each other; the inverse of each, and the product of any two, is one of them.
class Group {
 public:
  virtual ~Group() = default;
  virtual std::string describe() const = 0;
  /// g x for x [n, *event], row by row; an element alone (n = 1) acts on every row. Differentiable in x.
  virtual Tensor act(const GroupElements& g, const Tensor& x) const = 0;
  /// The tangent at g x that a tangent v [n, *event] at x becomes: linear, and the same wherever x is.
  virtual Tensor push(const GroupElements& g, const Tensor& v) const = 0;
  virtual GroupElements inverse(const GroupElements& g) const = 0;

  /// Independent, uniform on what is compact (Haar).
  virtual GroupElements random(int64_t n, Rng& rng, const at::TensorOptions& like) const = 0;
  /// All, the identity first, if they are few enough to be listed.
  virtual std::optional<GroupElements> elements(const at::TensorOptions&) const { return {}; }

  /// For each row the element that brings y [n, *event] closest to x [n, *event].
  virtual Alignment align(const Tensor& x, const Tensor& y, const AlignmentOptions& options = {}) const = 0;
  /// min d(x_i, g y_j)^2 over g, of all pairs: float64 [n, m].
  virtual Tensor squared_orbit_distances(const Tensor& x, const Tensor& y,
                                         const AlignmentOptions& options = {}) const = 0;
};

/// Rows `index` (int64 [n]) of elements.
GroupElements select(const GroupElements& g, const Tensor& index);

/// The only factor of these that moves; OptionError naming `who` if there are more, conditions left aside.
const SpacePtr& only_moving(const Spaces& spaces, const char* who);

}  // namespace genmatch
