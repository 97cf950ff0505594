#pragma once
#include "core/config/catalog.h"
#include "core/process/source.h"

namespace genmatch {

/// The canonical law of a space: uniform where that is a probability, standard normal on R^d.
class CanonicalSource : public Source {
 public:
  explicit CanonicalSource(SpacePtr space) : space_(std::move(space)) {}
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const final;
  Tensor log_density(const Tensor& x) const final;

 private:
  SpacePtr space_;
};

}  // namespace genmatch
