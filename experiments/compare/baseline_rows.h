#pragma once
#include <string>
#include <vector>

#include "experiments/compare/comparison.h"

namespace genmatch {

/// The baselines of all variants as rows of a table: one where the variants agree, else one for each group of variants
/// that do. `notes` receives what the labels do not say.
std::vector<ComparisonRow> baseline_rows(const std::vector<VariantResults>& variants, std::vector<std::string>& notes);

}  // namespace genmatch
