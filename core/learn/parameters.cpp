#include "core/learn/parameters.h"

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

Parameters::Parameters(const std::vector<std::pair<std::string, Tensor>>& initial) {
  if (initial.empty()) return;
  std::vector<Tensor> flat;
  for (const auto& [name, value] : initial) flat.push_back(value.detach().reshape({-1}));
  values_ = at::cat(flat);
  gradients_ = at::zeros_like(values_);
  int64_t offset = 0;
  for (const auto& [name, value] : initial) {
    for (const Entry& e : entries_)
      if (e.name == name) throw ContractError("Parameters: the name " + name + " is given twice");
    const auto view = [&](const Tensor& buffer) { return buffer.narrow(0, offset, value.numel()).view(value.sizes()); };
    Tensor leaf = view(values_).detach().requires_grad_(true);
    // A gradient that is there already is added to in place, so it stays a view of the buffer.
    leaf.mutable_grad() = view(gradients_);
    entries_.push_back({name, leaf});
    offset += value.numel();
  }
}

const Tensor& Parameters::operator[](const std::string& name) const {
  for (const Entry& e : entries_)
    if (e.name == name) return e.value;
  throw ContractError("Parameters: there is no parameter named " + name);
}

void Parameters::zero_gradients() {
  if (gradients_.defined()) gradients_.zero_();
}

void Parameters::assign(const Tensor& values) {
  if (!values.defined() || !values_.defined() || values.sizes() != values_.sizes())
    throw ContractError("Parameters::assign: expected " + std::to_string(values_.defined() ? size() : 0) +
                        " values in one dimension, got " +
                        (values.defined() ? std::to_string(values.numel()) : std::string("none")));
  at::NoGradGuard no_grad;
  values_.copy_(values);
}

}  // namespace genmatch
