#include "core/gaussian/unit_times.h"

#include <algorithm>
#include <functional>

#include "core/errors.h"

namespace genmatch {

void check_unit_times(const std::vector<double>& times) {
  const bool rising = std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) == times.end();
  if (times.size() < 2 || !rising || times.front() != 0 || times.back() != 1)
    throw OptionError("times", "at least two strictly increasing times, the first 0 and the last 1, expected");
}

}  // namespace genmatch
