#pragma once
#include <cstdint>
#include <memory>

namespace genmatch {

class Manifold;

/// R^dim, dim >= 1, for those that need a Euclidean factor of their own.
std::shared_ptr<const Manifold> euclidean(int64_t dim);

}  // namespace genmatch
