#include "core/learn/dense.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <optional>

#include "core/errors.h"
#include "core/learn/check_backward.h"
#include "core/learn/fused_stack.h"
#include "core/ops.h"

namespace genmatch {

namespace {

constexpr double kEpsilon = 1e-5;

// What a layer's backward pass needs of its forward pass.
struct Trace {
  Tensor input, z;
  Tensor normalised, inverse_deviation;  // only with normalisation
};

struct Normalised {
  Tensor value, inverse_deviation;
};

// LibTorch's own layer_norm has wrong derivatives through a Jacobian–vector product.
Normalised normalise(const Tensor& u) {
  const Tensor centred = u - u.mean(-1, true);
  const Tensor inverse = at::rsqrt(centred.square().mean(-1, true) + kEpsilon);
  return {centred * inverse, inverse};
}

// The derivative of normalise along du, which is also its transpose: the Jacobian is symmetric.
Tensor normalise_derivative(const Normalised& n, const Tensor& du) {
  return n.inverse_deviation * (du - du.mean(-1, true) - n.value * (n.value * du).mean(-1, true));
}

Tensor forward_layer(const DenseLayer& layer, const Tensor& h, Trace* trace) {
  Tensor z;
  if (layer.gain.defined()) {
    const Normalised n = normalise(h.mm(layer.weight));
    z = at::addcmul(layer.bias, n.value, layer.gain);
    if (trace != nullptr) *trace = {h, z, n.value, n.inverse_deviation};
  } else {
    z = at::addmm(layer.bias, h, layer.weight);
    if (trace != nullptr) *trace = {h, z, {}, {}};
  }
  if (layer.activation == nullptr) return z;
  if (at::GradMode::is_enabled()) {
    const Tensor value = layer.activation->value(z);
    return layer.residual ? value + h : value;
  }
  if (trace != nullptr)
    z = layer.activation->value(z);
  else
    layer.activation->apply(z);
  return layer.residual ? z.add_(h) : z;
}

// Writes the gradients of weight, bias and gain to `slices`; returns that of the input if it is wanted.
Tensor backward_layer(const DenseLayer& layer, const Trace& trace, const Tensor& gradient, Tensor* slices,
                      bool input_wanted) {
  const Tensor dz = layer.activation == nullptr ? gradient : layer.activation->backward(gradient, trace.z);
  at::sum_out(slices[1], dz, {0});
  Tensor du = dz;
  if (layer.gain.defined()) {
    at::sum_out(slices[2], dz * trace.normalised, {0});
    du = normalise_derivative({trace.normalised, trace.inverse_deviation}, dz * layer.gain);
  }
  at::mm_out(slices[0], trace.input.t(), du);
  if (!input_wanted) return {};
  return layer.residual ? at::addmm(gradient, du, layer.weight.t()) : du.mm(layer.weight.t());
}

std::vector<Tensor> tensors_of(const DenseLayer& layer) {
  std::vector<Tensor> all{layer.weight, layer.bias};
  if (layer.gain.defined()) all.push_back(layer.gain);
  return all;
}

// The whole stack as one node of the autograd graph.
class StackBackward final : public torch::autograd::Node {
 public:
  StackBackward(const std::vector<DenseLayer>& layers, bool fused) : layers_(layers) {
    std::vector<Tensor> all;
    for (const DenseLayer& layer : layers_)
      for (const Tensor& tensor : tensors_of(layer)) all.push_back(tensor);
    set_next_edges(torch::autograd::collect_next_edges(all));
    version_ = layers_.front().weight._version();
    if (fused) {
      fused_.emplace(layers_, /*keep=*/true);
    } else {
      traces_.resize(layers_.size());
    }
  }

  Tensor forward(const Tensor& input) {
    at::NoGradGuard no_grad;
    if (fused_) return fused_->forward(input);
    Tensor h = input;
    for (std::size_t i = 0; i < layers_.size(); ++i) h = forward_layer(layers_[i], h, &traces_[i]);
    return h;
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    check_backward(traces_.empty() && !fused_);
    if (layers_.front().weight._version() != version_)
      throw ContractError("model: the parameters were changed between the forward and the backward pass");
    if (fused_) return fused_->backward(gradients[0]);
    torch::autograd::variable_list results;
    for (const DenseLayer& layer : layers_)
      for (const Tensor& tensor : tensors_of(layer)) results.push_back(at::empty_like(tensor));
    std::size_t end = results.size();
    Tensor gradient = gradients[0].contiguous();
    for (std::size_t i = layers_.size(); i-- > 0;) {
      end -= layers_[i].gain.defined() ? 3 : 2;
      gradient = backward_layer(layers_[i], traces_[i], gradient, &results[end], i > 0);
    }
    return results;
  }

  void release_variables() override {
    traces_.clear();
    fused_.reset();
  }

 private:
  std::vector<DenseLayer> layers_;
  std::vector<Trace> traces_;
  std::optional<FusedStack> fused_;
  int64_t version_ = 0;
};

}  // namespace

DenseStack::DenseStack(std::vector<DenseLayer> layers) : layers_(std::move(layers)) {
  fused_ = FusedStack::takes(layers_);
}

Tensor DenseStack::forward(const Tensor& input) const {
  if (fused_ && !at::GradMode::is_enabled()) return FusedStack(layers_, /*keep=*/false).forward(input);
  if (!at::GradMode::is_enabled() || input.requires_grad() || !layers_.front().weight.requires_grad()) {
    Tensor h = input;
    for (const DenseLayer& layer : layers_) h = forward_layer(layer, h, nullptr);
    return h;
  }
  std::shared_ptr<StackBackward> node(new StackBackward(layers_, fused_), torch::autograd::deleteNode);
  Tensor output = node->forward(input);
  torch::autograd::create_gradient_edge(output, node);
  return output;
}

std::pair<Tensor, Tensor> DenseStack::jvp(const Tensor& input, const Tensor& tangents) const {
  at::NoGradGuard no_grad;
  const int64_t directions = tangents.size(0), rows = tangents.size(1);
  Tensor h = input, dh = tangents;
  for (const DenseLayer& layer : layers_) {
    Trace trace;
    const Tensor value = forward_layer(layer, h, &trace);
    Tensor dz = dh.reshape({directions * rows, layer.weight.size(0)}).mm(layer.weight);
    dz = dz.view({directions, rows, layer.weight.size(1)});
    if (layer.gain.defined())
      dz = normalise_derivative({trace.normalised, trace.inverse_deviation}, dz).mul_(layer.gain);
    if (layer.activation != nullptr) dz.mul_(layer.activation->slope(trace.z, layer.residual ? value - h : value));
    if (layer.residual) dz.add_(dh);
    h = value;
    dh = dz;
  }
  return {h, dh};
}

}  // namespace genmatch
