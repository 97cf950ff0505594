#include "core/config/catalog.h"

namespace genmatch {

void add_mlp(Catalog& catalog);
void add_bregman_loss(Catalog& catalog);
void add_output_loss(Catalog& catalog);
void add_maximum_likelihood(Catalog& catalog);
void add_weightings(Catalog& catalog);
void add_time_distributions(Catalog& catalog);
void add_adam(Catalog& catalog);

void add_learn(Catalog& catalog) {
  add_mlp(catalog);
  add_bregman_loss(catalog);
  add_output_loss(catalog);
  add_maximum_likelihood(catalog);
  add_weightings(catalog);
  add_time_distributions(catalog);
  add_adam(catalog);
}

}  // namespace genmatch
