#pragma once
#include <string>
#include <vector>

#include "core/data/dataset.h"

namespace genmatch {

/// "mean energy -22.55 ± 0.01, mean of x . grad E 6.02 ± 0.05 where 6 is right, …".
std::string text(const std::vector<Statistic>& statistics);

}  // namespace genmatch
