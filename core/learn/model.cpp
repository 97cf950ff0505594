#include "core/learn/model.h"

#include "core/process/jvp.h"

namespace genmatch {

ModelJvp Model::jvp(const State& x, const Tensor& t, const State& directions) const {
  Jvp result = genmatch::jvp([&](const State& points) { return forward(points, t); }, x, directions);
  return {std::move(result.value), std::move(result.derivative)};
}

}  // namespace genmatch
