#include "core/config/catalog.h"

namespace genmatch {

void add_sphere(Catalog& catalog);
void add_torus(Catalog& catalog);
void add_so3(Catalog& catalog);
void add_wrapped_normal_source(Catalog& catalog);
void add_von_mises_fisher_source(Catalog& catalog);
void add_geodesic_path(Catalog& catalog);

void add_manifolds(Catalog& catalog) {
  add_sphere(catalog);
  add_torus(catalog);
  add_so3(catalog);
  add_wrapped_normal_source(catalog);
  add_von_mises_fisher_source(catalog);
  add_geodesic_path(catalog);
}

}  // namespace genmatch
