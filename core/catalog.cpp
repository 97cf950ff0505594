#include "core/config/catalog.h"

namespace genmatch {

void add_core(Catalog& catalog) {
  add_gaussian(catalog);
  add_process(catalog);
  add_data(catalog);
  add_learn(catalog);
  add_solve(catalog);
  add_measure(catalog);
}

}  // namespace genmatch
