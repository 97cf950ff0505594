#pragma once
#include <string>

#include "core/config/choice.h"
#include "core/process/factor.h"

namespace genmatch {

/// The catalog of spaces, sources, schedules, paths and generators.
Catalog process_catalog();

/// A factor from its YAML: {space: ..., source: ..., path: ..., generator: flow}. Throws ConfigError.
Factor make_factor(const Node& node);
Factor make_factor(const std::string& yaml);

/// One factor per text.
Factors make_factors(const std::vector<std::string>& yaml);

}  // namespace genmatch
