#pragma once
#include <vector>

namespace genmatch {

/// OptionError "times" unless there are at least two of them and they rise strictly from 0 to 1.
void check_unit_times(const std::vector<double>& times);

}  // namespace genmatch
