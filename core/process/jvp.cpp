#include "core/process/jvp.h"

#include <torch/csrc/autograd/autograd.h>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

using torch::autograd::grad;

// What f returned, without graph, and zeros for its derivatives.
Jvp detached(const std::vector<Tensor>& outputs, int64_t directions) {
  Jvp result;
  for (const Tensor& out : outputs) {
    result.value.push_back(out.defined() ? out.detach() : out);
    Shape shape{directions};
    if (out.defined()) shape.insert(shape.end(), out.sizes().begin(), out.sizes().end());
    result.derivative.push_back(out.defined() ? at::zeros(shape, out.options()) : Tensor());
  }
  return result;
}

}  // namespace

Jvp jvp(const std::function<std::vector<Tensor>(const State&)>& f, const State& x, const State& directions) {
  if (x.empty() || directions.size() != x.size()) {
    throw ContractError("jvp: one directions tensor per tensor of x expected, got " +
                        std::to_string(directions.size()) + " for " + std::to_string(x.size()));
  }
  const at::AutoGradMode recording(true);
  State leaves;
  for (const Tensor& xi : x) leaves.push_back(xi.detach().requires_grad_(true));
  const std::vector<Tensor> outputs = f(leaves);
  Jvp result = detached(outputs, directions[0].size(0));

  std::vector<Tensor> live, cotangents, targets;  // outputs that depend on something, and where derivatives go
  for (std::size_t j = 0; j < outputs.size(); ++j) {
    if (!outputs[j].defined() || !outputs[j].requires_grad()) continue;
    live.push_back(outputs[j]);
    cotangents.push_back(at::zeros_like(result.value[j]).requires_grad_(true));
    targets.push_back(result.derivative[j]);
  }
  if (live.empty()) return result;
  const auto pulled = grad(live, leaves, cotangents, true, true, true);
  std::vector<Tensor> functions;
  std::vector<std::size_t> moving;
  for (std::size_t i = 0; i < pulled.size(); ++i) {
    if (!pulled[i].defined() || !pulled[i].requires_grad()) continue;
    functions.push_back(pulled[i]);
    moving.push_back(i);
  }
  if (functions.empty()) return result;
  for (int64_t k = 0; k < directions[0].size(0); ++k) {
    std::vector<Tensor> along;
    for (const std::size_t i : moving) along.push_back(directions[i][k].detach());
    const auto pushed = grad(functions, cotangents, along, true, false, true);
    const at::NoGradGuard still;
    for (std::size_t j = 0; j < pushed.size(); ++j)
      if (pushed[j].defined()) targets[j][k].copy_(pushed[j]);
  }
  return result;
}

}  // namespace genmatch
