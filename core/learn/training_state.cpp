#include "core/learn/training_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/errors.h"
#include "core/learn/train.h"
#include "core/ops.h"

namespace genmatch {

namespace {

constexpr const char* kOptimizer = "optimizer/";

// A flat vector as one tensor per parameter, named "<prefix>/<parameter>".
void put(Checkpoint& checkpoint, const std::string& prefix, const Tensor& flat, const Parameters& parameters) {
  int64_t offset = 0;
  for (const Parameters::Entry& e : parameters.entries()) {
    checkpoint.tensors[prefix + "/" + e.name] =
        flat.detach().narrow(0, offset, e.value.numel()).view(e.value.sizes()).clone();
    offset += e.value.numel();
  }
}

Tensor get(const Checkpoint& checkpoint, const std::string& prefix, const Parameters& parameters) {
  Tensor flat = at::empty_like(parameters.values());
  int64_t offset = 0;
  for (const Parameters::Entry& e : parameters.entries()) {
    const std::string name = prefix + "/" + e.name;
    const auto found = checkpoint.tensors.find(name);
    if (found == checkpoint.tensors.end()) throw IoError("checkpoint: it lacks " + name + "; is it of another model?");
    const Tensor& stored = found->second;
    if (stored.sizes() != e.value.sizes() || stored.scalar_type() != e.value.scalar_type())
      throw IoError(
          fmt::format("checkpoint: {}: expected {} of shape [{}], got {} of shape [{}]; is it of another model?", name,
                      c10::toString(e.value.scalar_type()), fmt::join(e.value.sizes(), ", "),
                      c10::toString(stored.scalar_type()), fmt::join(stored.sizes(), ", ")));
    flat.narrow(0, offset, e.value.numel()).copy_(stored.reshape({-1}));
    offset += e.value.numel();
  }
  return flat;
}

bool holds(const Checkpoint& checkpoint, const std::string& prefix) {
  const auto it = checkpoint.tensors.lower_bound(prefix + "/");
  return it != checkpoint.tensors.end() && it->first.compare(0, prefix.size() + 1, prefix + "/") == 0;
}

std::string text(const Checkpoint& checkpoint, const std::string& name) {
  const auto found = checkpoint.metadata.find(name);
  if (found == checkpoint.metadata.end())
    throw IoError("checkpoint: it lacks the metadata \"" + name + "\"; was it written by another program?");
  return found->second;
}

double number(const Checkpoint& checkpoint, const std::string& name) {
  const std::string value = text(checkpoint, name);
  try {
    return std::stod(value);  // also nan and inf; {} of fmt prints what reads back to the same bits
  } catch (const std::exception&) {
    throw IoError("checkpoint: metadata " + name + ": expected a number, got \"" + value + "\"");
  }
}

std::map<std::string, Tensor> optimizer_state(const Checkpoint& checkpoint, const Parameters& parameters) {
  std::map<std::string, Tensor> state;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.rfind(kOptimizer, 0) != 0) continue;
    const std::string rest = name.substr(std::string(kOptimizer).size());
    const std::size_t slash = rest.find('/');
    const std::string key = rest.substr(0, slash);
    if (state.count(key) != 0) continue;
    state[key] = slash == std::string::npos ? tensor : get(checkpoint, kOptimizer + key, parameters);
  }
  return state;
}

}  // namespace

std::string TrainingState::selected() const {
  if (best.defined()) return "best";
  return average.defined() ? "ema" : "model";
}

Checkpoint to_checkpoint(const TrainingState& state, const Parameters& parameters, Optimizer& optimizer) {
  Checkpoint checkpoint;
  put(checkpoint, "model", parameters.values(), parameters);
  if (state.average.defined()) put(checkpoint, "ema", state.average, parameters);
  if (state.best.defined()) put(checkpoint, "best", state.best, parameters);
  for (const auto& [name, tensor] : optimizer.state()) {
    if (tensor.dim() == 1 && tensor.numel() == parameters.size())
      put(checkpoint, kOptimizer + name, tensor, parameters);
    else
      checkpoint.tensors[kOptimizer + name] = tensor.clone();
  }
  checkpoint.metadata = {{"step", std::to_string(state.step)},
                         {"loss_sum", fmt::format("{}", state.loss_sum)},
                         {"loss_count", std::to_string(state.loss_count)},
                         {"best_step", std::to_string(state.best_step)},
                         {"best_value", fmt::format("{}", state.best_value)},
                         {"seconds", fmt::format("{}", state.seconds)},
                         {"selected", state.selected()}};
  return checkpoint;
}

TrainingState from_checkpoint(const Checkpoint& checkpoint, Parameters& parameters, Optimizer& optimizer) {
  TrainingState state;
  state.step = static_cast<int64_t>(number(checkpoint, "step"));
  state.loss_sum = number(checkpoint, "loss_sum");
  state.loss_count = static_cast<int64_t>(number(checkpoint, "loss_count"));
  state.best_step = static_cast<int64_t>(number(checkpoint, "best_step"));
  state.best_value = number(checkpoint, "best_value");
  state.seconds = number(checkpoint, "seconds");
  if (holds(checkpoint, "ema")) state.average = get(checkpoint, "ema", parameters);
  if (holds(checkpoint, "best")) state.best = get(checkpoint, "best", parameters);
  parameters.assign(get(checkpoint, "model", parameters));
  optimizer.restore(optimizer_state(checkpoint, parameters));
  return state;
}

void load_selected(const Checkpoint& checkpoint, Parameters& parameters) {
  parameters.assign(get(checkpoint, text(checkpoint, "selected"), parameters));
}

}  // namespace genmatch
