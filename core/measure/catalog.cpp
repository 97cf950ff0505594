#include "core/config/catalog.h"

namespace genmatch {

void add_kde(Catalog& catalog);
void add_map_figure(Catalog& catalog);
void add_nll(Catalog& catalog);
void add_plane_figure(Catalog& catalog);
void add_ramachandran_figure(Catalog& catalog);
void add_uniform_baseline(Catalog& catalog);

void add_measure(Catalog& catalog) {
  add_nll(catalog);
  add_uniform_baseline(catalog);
  add_kde(catalog);
  add_map_figure(catalog);
  add_ramachandran_figure(catalog);
  add_plane_figure(catalog);
}

}  // namespace genmatch
