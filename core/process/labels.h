#pragma once
#include <memory>

#include "core/process/space.h"

namespace genmatch {

/// The classes 0 … count - 1, as points [..., 1] of the process's dtype, with the counting measure. Points do not move.
/// ContractError for fewer than one class.
std::shared_ptr<const Space> labels(int64_t count);

}  // namespace genmatch
