#pragma once
#include <string>
#include <vector>

#include "core/config/fields.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// Symmetries g of clouds: (g x)_i = R x_{pi(i)} + s, one for each leading index.
struct GroupElements {
  Tensor rotation;     ///< R [..., D, D], orthogonal
  Tensor permutation;  ///< pi int64 [..., N]
  Tensor shift;        ///< s [..., D]
  /// g x for x [..., N, D], of the dtype of x. Differentiable in x.
  Tensor act(const Tensor& x) const;
};

/// How carefully elements are sought. Where permutations and rotations are both free, an assignment at fixed rotation
/// and Kabsch's rotation at fixed assignment are alternated; no step makes the distance larger.
struct AlignmentOptions {
  int64_t starts = 1;       ///< rotations to start from: the identity, those between principal axes, then random ones
  int64_t iterations = 20;  ///< alternations from each, unless they end before
};

struct Alignment {
  GroupElements element;    ///< that brings y close to x
  Tensor squared_distance;  ///< |x - g y|^2, float64 [n]
};

/// A group of symmetries of N particles in D dimensions, D = 1, 2, 3: a product of permutations within each species,
/// of SO(D) or O(D), and of translations. Distances between orbits, min over g of |x - g y|, are exact but for products
/// of permutations with rotations, where the alternation finds an upper bound (Klein et al. 2023, arXiv 2306.15030,
/// sec. 4.2). Functions take clouds of any real dtype on the CPU and compute in float64.
class Group {
 public:
  struct Options {
    bool permutations = true;
    std::string rotations = "orthogonal";
    bool translations = false;
    std::vector<int64_t> species;
    void fields(Fields& f);
  };
  /// OptionError for D > 3 with rotations, and unless there are no species or one for each particle.
  Group(const Options& options, int64_t particles, int64_t dim);

  /// Independent, uniform on the compact parts (Haar); shifts are standard normal.
  GroupElements random(int64_t n, Rng& rng, const at::TensorOptions& like) const;
  /// For each row the element that brings y [n, N, D] closest to x [n, N, D].
  Alignment align(const Tensor& x, const Tensor& y, const AlignmentOptions& options = {}) const;
  /// min |x_i - g y_j|^2 over g, of all pairs: float64 [n, m]; in parallel.
  Tensor squared_orbit_distances(const Tensor& x, const Tensor& y, const AlignmentOptions& options = {}) const;

  int64_t particles() const { return particles_; }
  int64_t dim() const { return dim_; }
  const Options& options() const { return options_; }

 private:
  Tensor prepared(const Tensor& x, const char* argument) const;  // float64, contiguous, centred if shifts are free
  Options options_;
  int64_t particles_, dim_;
};

}  // namespace genmatch
