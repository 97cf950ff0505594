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
  /// Whether the file states variants or a grid; else the one variant is the file as it stands.
  bool varies() const { return base.variants.kind != Node::Kind::null || base.grid.kind != Node::Kind::null; }
};

/// Reads a file: `variants:` times `grid:` in the order written; one variant where there is neither. What they state is
/// merged into the file as an including file's options are, whether keys are dotted or nested. `seeds:` is a count,
/// from the experiment's own `seed` on, or a list. `overrides` (--set) go to the file before its variants are formed.
/// ConfigError with all problems, each once: those of read_experiment, in every variant; an empty grid or list of
/// values; more than 10 000 variants; an unknown key (at the override that names it) and one that cannot vary; two
/// variants that resolve to the same options; a repeated seed; a published row whose metric no variant computes.
Study read_study(const std::string& file, const std::vector<std::string>& overrides, const Catalog& catalog);

/// The variant of that name or slug; ConfigError (with "did you mean") if there is none.
const Variant& find_variant(const Study& study, const std::string& name);

}  // namespace genmatch
