#include "core/config/catalog.h"

namespace genmatch {

void add_csv(Catalog&);
void add_npy(Catalog&);
void add_moons(Catalog&);
void add_eight_gaussians(Catalog&);
void add_checkerboard(Catalog&);
void add_independent(Catalog&);

void add_data(Catalog& c) {
  add_csv(c);
  add_npy(c);
  add_moons(c);
  add_eight_gaussians(c);
  add_checkerboard(c);
  add_independent(c);
}

}  // namespace genmatch
