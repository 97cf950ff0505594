#include "core/config/catalog.h"
#include "core/data/coupling.h"

namespace genmatch {

namespace {

class Independent final : public Coupling {
 public:
  using Options = NoOptions;
  Independent(const Options&, const Spaces&) {}
  Pair couple(Pair independent, Rng&) const override { return independent; }
};

}  // namespace

void add_independent(Catalog& c) {
  c.couplings.add<Independent>("independent", {"Source and data points are drawn independently of each other.", ""});
}

}  // namespace genmatch
