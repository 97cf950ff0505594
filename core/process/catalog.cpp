#include "core/config/catalog.h"

namespace genmatch {

void add_process(Catalog&) {}

}  // namespace genmatch
