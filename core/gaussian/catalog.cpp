#include "core/config/catalog.h"

namespace genmatch {

void add_cond_ot(Catalog& catalog);
void add_trigonometric(Catalog& catalog);
void add_power(Catalog& catalog);
void add_linear_vp(Catalog& catalog);
void add_vp(Catalog& catalog);
void add_ve(Catalog& catalog);
void add_tabulated(Catalog& catalog);
void add_diffusion_coefficients(Catalog& catalog);

void add_gaussian(Catalog& catalog) {
  add_cond_ot(catalog);
  add_trigonometric(catalog);
  add_power(catalog);
  add_linear_vp(catalog);
  add_vp(catalog);
  add_ve(catalog);
  add_tabulated(catalog);
  add_diffusion_coefficients(catalog);
}

}  // namespace genmatch
