#include "core/process/space.h"

#include <functional>
#include <numeric>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {

int64_t Space::event_size() const {
  const Shape shape = event_shape();
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

bool Space::falls_apart() const {
  Shape shape = event_shape();
  shape.insert(shape.begin(), 1);
  return component(at::zeros(shape, at::kDouble)).defined();
}

const Manifold& as_manifold(const Space& space, const char* who) {
  const Manifold* const manifold = space.manifold();
  if (manifold == nullptr)
    throw ContractError(std::string(who) + ": needs a manifold, but " + space.describe() +
                        " is none; use euclidean, sphere, torus or another manifold");
  return *manifold;
}

Tensor side_by_side(const State& x) {
  State columns;
  for (const Tensor& factor : x) columns.push_back(factor.flatten(1));
  return at::cat(columns, 1);
}

Tensor unsqueeze_event(const Tensor& scalars, const Space& space) {
  Shape shape = scalars.sizes().vec();
  shape.resize(shape.size() + space.event_shape().size(), 1);
  return scalars.reshape(shape);
}

}  // namespace genmatch
