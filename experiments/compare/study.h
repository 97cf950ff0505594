#pragma once
// What an experiment file asks to be compared: its variants, its grid and its seeds.
#include <cstdint>
#include <string>
#include <vector>

#include "core/experiment.h"

namespace genmatch {

/// The experiment file with some of its options overridden.
struct Variant {
  std::string name;  ///< "wide", "wide, batch=512", or the file's own name where nothing varies
  std::string slug;  ///< the same as part of a folder's name: letters, digits, '-', '_', '.', '='
  Mark mark;         ///< where it was written
  ExperimentOptions options;
};

/// Every variant is run with every seed.
struct Study {
  std::string file;
  ExperimentOptions base;  ///< without any override; its `published` rows stand in the table
  std::vector<Variant> variants;
  std::vector<uint64_t> seeds;
};

/// Reads a file: `variants:` times `grid:` in the order written; one variant where there is neither. `seeds:` is a
/// count, from the experiment's own `seed` on, or a list. `overrides` (--set) go to the file before its variants are
/// formed. ConfigError with all problems, each once: those of read_experiment, in every variant; an empty grid or list of
/// values; an unknown key (at the override that names it); two variants that resolve to the same options; a repeated
/// seed; a published row whose metric is computed by no variant.
Study read_study(const std::string& file, const std::vector<std::string>& overrides, const Catalog& catalog);

/// The variant of that name or slug; ConfigError (with "did you mean") if there is none.
const Variant& find_variant(const Study& study, const std::string& name);

}  // namespace genmatch
