#include "core/errors.h"
#include "core/process/canonical_source.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

class UniformSource final : public CanonicalSource {
 public:
  using Options = NoOptions;
  UniformSource(const Options&, const SpacePtr& space) : CanonicalSource(space) {
    if (!space->compact())
      throw OptionError("", "there is no uniform distribution on " + space->describe() + "; use {type: normal}");
  }
};

}  // namespace

void add_uniform_source(Catalog& c) {
  c.sources.add<UniformSource>("uniform", {"Every point of a compact space is as likely as any other", ""});
}

}  // namespace genmatch
