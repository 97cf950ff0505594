#pragma once
#include <utility>

#include "core/process/source.h"
#include "core/process/space.h"

namespace genmatch {

/// The canonical base law of a space, as a source.
class CanonicalSource final : public Source {
 public:
  explicit CanonicalSource(SpacePtr space) : space_(std::move(space)) {}
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return space_->sample(n, rng, like);
  }
  Tensor log_density(const Tensor& x) const override { return space_->log_base_density(x); }

 private:
  SpacePtr space_;
};

}  // namespace genmatch
