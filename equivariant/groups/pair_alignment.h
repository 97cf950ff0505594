#pragma once
// The search for the symmetry that brings one cloud closest to another. What cloud_group.h is made of.
#include <array>
#include <limits>
#include <vector>

#include "equivariant/alignment/kabsch.h"
#include "equivariant/alignment/small_assignment.h"
#include "equivariant/groups/cloud_group.h"

namespace genmatch {

/// The best element found so far.
template <int D>
struct PairAlignment {
  Turn<D> rotation = Turn<D>::Identity();
  std::vector<int64_t> permutation;
  double squared_distance = std::numeric_limits<double>::infinity();
};

/// Keeps its memory from pair to pair; one for each thread.
template <int D>
class PairAligner {
 public:
  /// Clouds as columns.
  using Cloud = Eigen::Map<const Eigen::Matrix<double, D, Eigen::Dynamic>>;
  explicit PairAligner(const CloudGroup::Options& options, int64_t particles);

  /// x and y: N points of D numbers each, one after the other. The result holds until the next call.
  const PairAlignment<D>& align(const double* x, const double* y, const AlignmentOptions& options);

 private:
  /// Tries all permutations: exact, and in the plane quicker than alternation for the few particles that it is for.
  void try_all(const Cloud& x, const Cloud& y);
  /// Alternates from a rotation; keeps the end if it is the best so far.
  void descend(const Cloud& x, const Cloud& y, Turn<D> rotation, int64_t iterations);
  void guess_potentials(const Cloud& x, const Cloud& y);
  void assign(const Cloud& x, const Turn<D>& rotation);  // writes candidate_
  Turn<D> turn(const Cloud& x, const Cloud& y) const;    // at candidate_
  double distance(const Cloud& x, const Cloud& y, const Turn<D>& rotation) const;

  CloudGroup::Options options_;
  bool free_rotation_, reflections_;  // what options_.rotations says
  int64_t n_;
  std::vector<int64_t> candidate_, previous_;
  struct Order {
    std::vector<int64_t> columns;
    std::size_t kept;  // of its first places: as in the order before
  };
  std::vector<Order> orders_;           // all permutations there are, if they are to be tried
  std::vector<PlaneOverlap> overlaps_;  // of x_i y_j^T
  std::vector<PlaneOverlap> of_first_;  // sums over the first 0, 1, ..., N places of an order
  PairAlignment<D> best_;
  SmallAssignment solver_;
  std::vector<double> turned_, y_;  // x turned back [N, D]; y [D, stride]
};

}  // namespace genmatch
