#include "equivariant/groups/group.h"

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {

GroupElements select(const GroupElements& g, const Tensor& index) {
  GroupElements chosen;
  for (const Tensor& part : g) chosen.push_back(part.index_select(0, index));
  return chosen;
}

const SpacePtr& only_moving(const Spaces& spaces, const char* who) {
  for (std::size_t f = 1; f < spaces.size(); ++f) {
    const Manifold* const manifold = spaces[f]->manifold();
    if (manifold == nullptr || manifold->dim() != 0)
      throw OptionError("", std::string(who) + " is for one factor, with conditions or without, but not for " +
                                spaces[f]->describe() + " too");
  }
  return spaces.at(0);
}

}  // namespace genmatch
