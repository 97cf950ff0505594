#pragma once
#include <memory>
#include <string>

#include "core/config/catalog.h"

namespace genmatch {

class Manifold;

/// Built from one line of YAML, e.g. "{type: sphere, dim: 2}". Throws ConfigError.
std::shared_ptr<const Manifold> build_manifold(const std::string& yaml);
SourcePtr build_source(const std::string& space_yaml, const std::string& source_yaml);

}  // namespace genmatch
