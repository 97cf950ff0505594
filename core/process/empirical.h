#pragma once
#include "core/process/source.h"

namespace genmatch {

/// Draws rows of a table, each as likely, with replacement: [N, *event], N >= 1 (else ContractError). It has no
/// density: log_density throws ContractError.
std::shared_ptr<const Source> empirical(Tensor rows);

}  // namespace genmatch
