#include "core/process/path.h"

#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/ops.h"

namespace genmatch {

Tensor Path::score(const Tensor&, const Tensor&, const Tensor&, const Tensor&) const {
  throw ContractError("Path::score: this path has no density given both of its ends");
}

Tensor Path::noise(const Tensor& t) const { return at::zeros_like(t); }

Tensor clamp_remainder(const Tensor& remainder) { return keep_from_zero(remainder); }

}  // namespace genmatch
