#pragma once
#include "core/config/catalog.h"
#include "experiments/store/run_scan.h"

namespace genmatch {

/// The options of a resolved file that differ from their defaults: those of an empty experiment file and of the
/// components that were chosen. Without `name`, `about` and `seed`.
FlatOptions changed_options(const Node& resolved, const Catalog& catalog);

}  // namespace genmatch
