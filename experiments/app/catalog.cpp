#include "core/config/catalog.h"

namespace genmatch {

void add_equivariant(Catalog& catalog);

Catalog full_catalog() {
  Catalog catalog;
  add_core(catalog);
  add_manifolds(catalog);
  add_discrete(catalog);
  add_equivariant(catalog);
  return catalog;
}

}  // namespace genmatch
