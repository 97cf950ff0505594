#include "core/config/catalog.h"

namespace genmatch {

void add_mlp(Catalog& catalog);
void add_adam(Catalog& catalog);

void add_learn(Catalog& catalog) {
  add_mlp(catalog);
  add_adam(catalog);
}

}  // namespace genmatch
