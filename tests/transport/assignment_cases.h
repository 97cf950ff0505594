#pragma once
// Costs that are hard for one assignment algorithm or another.
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

struct AssignmentCase {
  std::string name;
  std::function<Tensor(int64_t n, uint64_t seed)> cost;  ///< float64 [n, n]
};
inline std::ostream& operator<<(std::ostream& out, const AssignmentCase& c) { return out << c.name; }

std::vector<AssignmentCase> assignment_cases();

}  // namespace genmatch
