#include "core/config/catalog.h"

namespace genmatch {

void add_geodesic_path(Catalog& catalog);

void add_manifolds(Catalog& catalog) { add_geodesic_path(catalog); }

}  // namespace genmatch
