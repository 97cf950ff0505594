#include "core/config/catalog.h"

namespace genmatch {

void add_manifolds(Catalog&) {}

}  // namespace genmatch
