#pragma once
// The search for the symmetry of a periodic box that brings one cloud closest to another: what periodic_group.cpp is
// made of.
#include <limits>
#include <vector>

#include "equivariant/alignment/small_assignment.h"
#include "equivariant/groups/group.h"

namespace genmatch {

/// Keeps its memory from pair to pair; one for each thread.
class PeriodicAligner {
 public:
  struct Best {
    std::size_t axes = 0;
    std::vector<int64_t> permutation;
    std::vector<double> shift;
    double squared_distance = std::numeric_limits<double>::infinity();
  };
  /// axes: signed permutation matrices [D, D], row by row, the identity first.
  PeriodicAligner(const std::vector<std::vector<double>>& axes, bool permutations, bool translations, int64_t particles,
                  int64_t dim, double length);

  /// x and y: N points of D numbers each, one after the other. The result holds until the next call.
  const Best& align(const double* x, const double* y, const AlignmentOptions& options);

 private:
  /// Alternates from a shift; keeps the end if it is the best so far.
  void descend(const double* x, std::size_t axes, std::vector<double> shift, int64_t iterations);
  void assign(const double* x, const std::vector<double>& shift);  // writes candidate_
  double move(const double* x, std::vector<double>& shift);        // the best shift at candidate_, and its distance
  double distance(const double* x, const std::vector<double>& shift) const;
  double wrapped(double apart) const;

  const std::vector<std::vector<double>>& axes_;
  bool permutations_, translations_;
  std::size_t n_, dim_;
  double length_;
  std::vector<double> turned_, apart_;  // turned_: y under the axes at hand
  std::vector<int64_t> candidate_, previous_;
  Best best_;
  SmallAssignment solver_;
};

}  // namespace genmatch
