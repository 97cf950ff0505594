#include "equivariant/groups/cloud_slots.h"

#include <numeric>

#include "core/ops.h"

namespace genmatch {

std::vector<CloudSlots> cloud_slots(const Tensor& presence) {
  const Tensor there = presence.squeeze(-1).ne(0).contiguous();
  const bool* const all = there.data_ptr<bool>();
  const int64_t particles = there.size(1);
  std::vector<CloudSlots> slots(static_cast<std::size_t>(there.size(0)));
  for (std::size_t row = 0; row < slots.size(); ++row)
    for (int64_t i = 0; i < particles; ++i)
      (all[static_cast<int64_t>(row) * particles + i] ? slots[row].used : slots[row].free).push_back(i);
  return slots;
}

template <int D>
SlotAligner<D>::SlotAligner(const CloudGroup::Options& options, int64_t particles)
    : options_(options), particles_(particles) {
  apart_.permutation.resize(static_cast<std::size_t>(particles));
  std::iota(apart_.permutation.begin(), apart_.permutation.end(), int64_t{0});
}

template <int D>
PairAligner<D>& SlotAligner<D>::aligner(int64_t particles) {
  return aligners_.try_emplace(particles, options_, particles).first->second;
}

template <int D>
const double* SlotAligner<D>::gathered(const Cloud& cloud, std::vector<double>& to) {
  to.clear();
  for (const int64_t i : cloud.slots.used) to.insert(to.end(), cloud.points + i * D, cloud.points + (i + 1) * D);
  return to.data();
}

template <int D>
const PairAlignment<D>& SlotAligner<D>::align(const Cloud& x, const Cloud& y, const AlignmentOptions& options) {
  const std::vector<int64_t>&to = x.slots.used, &from = y.slots.used;
  if (to.empty() && from.empty()) return aligner(particles_).align(x.points, y.points, options);
  if (to.size() != from.size() || (!options_.permutations && to != from)) return apart_;
  const PairAlignment<D>& found =
      aligner(static_cast<int64_t>(to.size())).align(gathered(x, x_), gathered(y, y_), options);
  best_ = apart_;
  best_.rotation = found.rotation;
  best_.squared_distance = found.squared_distance;
  for (std::size_t i = 0; i < to.size(); ++i)
    best_.permutation[static_cast<std::size_t>(to[i])] = from[static_cast<std::size_t>(found.permutation[i])];
  for (std::size_t i = 0; i < x.slots.free.size(); ++i)
    best_.permutation[static_cast<std::size_t>(x.slots.free[i])] = y.slots.free[i];
  return best_;
}

template class SlotAligner<1>;
template class SlotAligner<2>;
template class SlotAligner<3>;

}  // namespace genmatch
