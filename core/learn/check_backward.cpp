#include "core/learn/check_backward.h"

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

void check_backward(bool released) {
  if (at::GradMode::is_enabled())
    throw ContractError(
        "model: the gradient of the parameters alone cannot be differentiated again; let the input "
        "require a gradient too");
  if (released) throw ContractError("model: backward a second time; keep the graph (retain_graph)");
}

}  // namespace genmatch
