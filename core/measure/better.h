#pragma once

namespace genmatch {

/// Which values of a metric are better: neither where it estimates a property of the target.
enum class Better { lower, higher, neither };

}  // namespace genmatch
