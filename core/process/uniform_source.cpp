#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/process/source.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

/// The base law of a space on which that is the uniform one.
class UniformSource final : public Source {
 public:
  using Options = NoOptions;
  UniformSource(const Options&, const SpacePtr& space) : space_(space) {
    if (!space->compact())
      throw OptionError("", "there is no uniform distribution on " + space->describe() + "; use {type: normal}");
  }
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return space_->sample(n, rng, like);
  }
  Tensor log_density(const Tensor& x) const override { return space_->log_base_density(x); }

 private:
  SpacePtr space_;
};

}  // namespace

void add_uniform_source(Catalog& c) {
  c.sources.add<UniformSource>("uniform", {"Every point of a compact space is as likely as any other", ""});
}

}  // namespace genmatch
