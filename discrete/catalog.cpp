#include "core/config/catalog.h"

namespace genmatch {

void add_alphabet(Catalog& catalog);
void add_symbol_sources(Catalog& catalog);
void add_mixture_path(Catalog& catalog);
void add_metric_path(Catalog& catalog);
void add_ctmc_kind(Catalog& catalog);
void add_symbol_losses(Catalog& catalog);
void add_ctmc_sampler(Catalog& catalog);
void add_first_hitting(Catalog& catalog);
void add_uniformisation(Catalog& catalog);
void add_tau_leaping(Catalog& catalog);
void add_elbo(Catalog& catalog);
void add_enumeration(Catalog& catalog);
void add_word_metrics(Catalog& catalog);
void add_word_laws(Catalog& catalog);
void add_text_dataset(Catalog& catalog);
void add_transformer(Catalog& catalog);
void add_ngram(Catalog& catalog);
void add_kmers(Catalog& catalog);
void add_text_figure(Catalog& catalog);
void add_words_figure(Catalog& catalog);

void add_discrete(Catalog& catalog) {
  add_alphabet(catalog);
  add_symbol_sources(catalog);
  add_mixture_path(catalog);
  add_metric_path(catalog);
  add_ctmc_kind(catalog);
  add_symbol_losses(catalog);
  add_ctmc_sampler(catalog);
  add_first_hitting(catalog);
  add_uniformisation(catalog);
  add_tau_leaping(catalog);
  add_elbo(catalog);
  add_enumeration(catalog);
  add_word_metrics(catalog);
  add_word_laws(catalog);
  add_text_dataset(catalog);
  add_transformer(catalog);
  add_ngram(catalog);
  add_kmers(catalog);
  add_text_figure(catalog);
  add_words_figure(catalog);
}

}  // namespace genmatch
