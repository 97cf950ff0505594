#pragma once
#include <memory>

namespace genmatch {

class Manifold;

/// The same manifold, but every argument and every result of every function is looked at: shapes that do not fit,
/// points off the manifold, vectors that are not tangent and NaN throw ContractError naming the function, the
/// argument (or "result"), the row and what is wrong. Bounds are 1000 roundings of the dtype. Slow: for tests and
/// for finding where a computation goes wrong.
std::shared_ptr<const Manifold> checked(std::shared_ptr<const Manifold> of);

}  // namespace genmatch
