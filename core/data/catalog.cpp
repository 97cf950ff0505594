#include "core/config/catalog.h"

namespace genmatch {

void add_data(Catalog&) {}

}  // namespace genmatch
