#pragma once
// What varies in an experiment file, before it is multiplied out.
#include <string>
#include <vector>

#include "core/config/node.h"

namespace genmatch {

/// An entry of `variants`, or one value of a key of `grid`.
struct Alternative {
  std::string label;  ///< "wide", "width=64", or the name that a value of `grid` has
  Mark mark;
  std::vector<Node::Entry> changes;  ///< to be merged into the file by merge_at()
};

/// `variants`, and each key of `grid`.
using Axis = std::vector<Alternative>;

/// The axes of a file in the order written, `variants` first; none where neither is stated. What is wrong goes to
/// `problems`, and is left out.
std::vector<Axis> read_axes(const Node& root, Problems& problems);

}  // namespace genmatch
