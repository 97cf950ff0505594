#pragma once
// The search for the best symmetry between clouds some of whose rows are no particles. What cloud_group.h is made of.
#include <map>
#include <vector>

#include "core/tensor.h"
#include "equivariant/groups/pair_alignment.h"

namespace genmatch {

/// The rows of one cloud that are particles, and the others; both empty if all of them are.
struct CloudSlots {
  std::vector<int64_t> used, free;
};

/// Of each row of presence [n, N, 1].
std::vector<CloudSlots> cloud_slots(const Tensor& presence);

/// PairAligner for clouds of any number of particles up to N; one for each thread.
template <int D>
class SlotAligner {
 public:
  struct Cloud {
    const double* points;  ///< N of D numbers each
    const CloudSlots& slots;
  };
  SlotAligner(const CloudGroup::Options& options, int64_t particles);

  /// The result holds until the next call. Infinitely far apart, and the identity, if no permutation that is allowed
  /// brings particles to particles. Free rows go to free rows.
  const PairAlignment<D>& align(const Cloud& x, const Cloud& y, const AlignmentOptions& options);

 private:
  PairAligner<D>& aligner(int64_t particles);
  static const double* gathered(const Cloud& cloud, std::vector<double>& to);

  CloudGroup::Options options_;
  int64_t particles_;
  std::map<int64_t, PairAligner<D>> aligners_;  // by the number of particles
  std::vector<double> x_, y_;
  PairAlignment<D> apart_, best_;
};

}  // namespace genmatch
