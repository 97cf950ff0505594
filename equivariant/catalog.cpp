#include "core/config/catalog.h"

namespace genmatch {

void add_point_cloud(Catalog& catalog);
void add_periodic_cloud(Catalog& catalog);
void add_periodic_group(Catalog& catalog);
void add_cloud_group(Catalog& catalog);
void add_crystal_group(Catalog& catalog);
void add_no_symmetry(Catalog& catalog);
void add_equivariant_optimal_transport(Catalog& catalog);
void add_particles(Catalog& catalog);
void add_symmetrised(Catalog& catalog);
void add_random_images(Catalog& catalog);
void add_pole_figure(Catalog& catalog);
void add_egnn(Catalog& catalog);
void add_painn(Catalog& catalog);
void add_particle_metrics(Catalog& catalog);
void add_observables(Catalog& catalog);
void add_histogram_figures(Catalog& catalog);

void add_equivariant(Catalog& catalog) {
  add_point_cloud(catalog);
  add_periodic_cloud(catalog);
  add_periodic_group(catalog);
  add_cloud_group(catalog);
  add_crystal_group(catalog);
  add_no_symmetry(catalog);
  add_equivariant_optimal_transport(catalog);
  add_particles(catalog);
  add_symmetrised(catalog);
  add_random_images(catalog);
  add_pole_figure(catalog);
  add_egnn(catalog);
  add_painn(catalog);
  add_particle_metrics(catalog);
  add_observables(catalog);
  add_histogram_figures(catalog);
}

}  // namespace genmatch
