#include "core/process/canonical_source.h"

#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {

Tensor CanonicalSource::sample(int64_t n, Rng& rng, const at::TensorOptions& like) const {
  return space_->sample(n, rng, like);
}

Tensor CanonicalSource::log_density(const Tensor& x) const { return space_->log_base_density(x); }

}  // namespace genmatch
