#include "core/process/path_times.h"

#include <algorithm>

namespace genmatch {

bool PathTimes::pass(double time) const { return std::find(times_.begin(), times_.end(), time) != times_.end(); }

bool PathTimes::span(double time) const { return !empty() && time >= times_.front() && time <= times_.back(); }

}  // namespace genmatch
