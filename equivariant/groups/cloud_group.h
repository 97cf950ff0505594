#pragma once
#include <string>
#include <vector>

#include "core/config/fields.h"
#include "equivariant/groups/group.h"

namespace genmatch {

struct CloudSlots;

/// Symmetries of N particles in D dimensions, D = 1, 2, 3: a product of permutations within each species, of SO(D) or
/// O(D), and of translations: (g x)_i = R x_{pi(i)} + s. Distances between orbits, min over g of |x - g y|, are exact
/// but for products of permutations with rotations, where an assignment at fixed rotation and Kabsch's rotation at
/// fixed assignment alternate and find an upper bound (Klein et al. 2023, arXiv 2306.15030, sec. 4.2; for up to five
/// particles in the plane all permutations are tried, which is exact); they start from
/// the identity, from the rotations between principal axes, then from random ones. Computes in float64. Clouds of
/// different numbers of particles are infinitely far apart, and what aligns them is the identity.
class CloudGroup final : public Group {
 public:
  struct Options {
    bool permutations = true;
    std::string rotations = "orthogonal";
    bool translations = false;
    std::vector<int64_t> species;
    void fields(Fields& f);
  };
  /// OptionError for D > 3, and unless there are no species or one for each particle.
  CloudGroup(const Options& options, int64_t particles, int64_t dim);
  /// OptionError unless the space is a point cloud, and for species or translations where its number of particles
  /// varies.
  CloudGroup(const Options& options, const SpacePtr& space);

  // What elements consist of.
  static const Tensor& rotation(const GroupElements& g) { return g[0]; }     ///< R [n, D, D], orthogonal
  static const Tensor& permutation(const GroupElements& g) { return g[1]; }  ///< pi int64 [n, N]
  static const Tensor& shift(const GroupElements& g) { return g[2]; }        ///< s [n, D]

  std::string describe() const override;
  Tensor act(const GroupElements& g, const Tensor& x) const override;
  Tensor push(const GroupElements& g, const Tensor& v) const override;
  GroupElements inverse(const GroupElements& g) const override;
  /// Shifts are standard normal.
  GroupElements random(int64_t n, Rng& rng, const at::TensorOptions& like) const override;
  Alignment align(const Tensor& x, const Tensor& y, const AlignmentOptions& options = {}) const override;
  Tensor squared_orbit_distances(const Tensor& x, const Tensor& y, const AlignmentOptions& options = {}) const override;

 private:
  Tensor prepared(const Tensor& x, const char* argument) const;  // float64, contiguous, centred if shifts are free
  std::vector<CloudSlots> slots(const Tensor& x) const;          // where particles are, of each row; see cloud_slots.h
  Options options_;
  int64_t particles_, dim_;
  SpacePtr varying_;  // the space, if the number of particles varies
};

}  // namespace genmatch
