#pragma once
// Values that are missing in a table: NaN.
#include <functional>
#include <string>

#include "core/data/numbers.h"
#include "core/process/space.h"

namespace genmatch {

/// Points of a space that falls apart, from x [N, particles, dim] with NaN for particles that are not there: zeros in
/// their place. A particle that is there, but at zero, is moved by a hair. Faults: a particle that lacks some of its
/// coordinates, and too few of them; place(row) begins the message.
Tensor without_gaps(const Space& space, const Tensor& x, const std::function<std::string(int64_t row)>& place,
                    Faults& faults);

/// Adds one fault per NaN in `width` columns from `first` on.
void check_complete(const Numbers& numbers, int64_t first, int64_t width, Faults& faults);

}  // namespace genmatch
