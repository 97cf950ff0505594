#include "core/config/catalog.h"

namespace genmatch {

void add_bridge_kl(Catalog& catalog);
void add_guidance_figure(Catalog& catalog);
void add_held_out(Catalog& catalog);
void add_kde(Catalog& catalog);
void add_kernel_metrics(Catalog& catalog);
void add_map_figure(Catalog& catalog);
void add_nfe(Catalog& catalog);
void add_nll(Catalog& catalog);
void add_path_metrics(Catalog& catalog);
void add_plane_figure(Catalog& catalog);
void add_ramachandran_figure(Catalog& catalog);
void add_sliced_wasserstein(Catalog& catalog);
void add_snapshots_figure(Catalog& catalog);
void add_truth(Catalog& catalog);
void add_uniform_baseline(Catalog& catalog);
void add_wasserstein(Catalog& catalog);

void add_measure(Catalog& catalog) {
  add_nll(catalog);
  add_wasserstein(catalog);
  add_sliced_wasserstein(catalog);
  add_kernel_metrics(catalog);
  add_path_metrics(catalog);
  add_bridge_kl(catalog);
  add_held_out(catalog);
  add_nfe(catalog);
  add_uniform_baseline(catalog);
  add_kde(catalog);
  add_truth(catalog);
  add_map_figure(catalog);
  add_ramachandran_figure(catalog);
  add_plane_figure(catalog);
  add_guidance_figure(catalog);
  add_snapshots_figure(catalog);
}

}  // namespace genmatch
