#include "equivariant/models/pair_messages.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include "core/learn/check_backward.h"
#include "core/ops.h"
#include "equivariant/models/fused_pairs.h"

namespace genmatch {
namespace {

// One node of the autograd graph, whose backward pass computes the pairs' numbers anew.
class PairsBackward final : public torch::autograd::Node {
 public:
  PairsBackward(const PairWeights& weights, const FusedPairs::Input& input, bool heard)
      : pairs_(weights, input.y.size(1), input.y.size(2), heard),
        input_{input.own.detach().contiguous(), input.other.detach().contiguous(), input.y.detach().contiguous(),
               input.start.detach().contiguous(), input.presence} {
    std::vector<Tensor> all{input.own, input.other, input.y};
    for (const Tensor& tensor : weights.tensors()) all.push_back(tensor);
    set_next_edges(torch::autograd::collect_next_edges(all));
  }

  FusedPairs::Output forward() const {
    const at::NoGradGuard no_grad;
    return pairs_.forward(input_);
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    check_backward(!input_.y.defined());
    const auto given = [](const Tensor& gradient, const Tensor& like) {
      return gradient.defined() ? gradient.contiguous() : at::zeros_like(like);
    };
    FusedPairs::Output wanted{given(gradients[0], input_.y), {}};
    if (gradients.size() > 1) wanted.heard = given(gradients[1], input_.own);
    return pairs_.backward(input_, wanted);
  }

  void release_variables() override { input_ = {}; }

 private:
  FusedPairs pairs_;
  FusedPairs::Input input_;
};

PairMessages fused(const PairWeights& weights, const FusedPairs::Input& input, bool heard) {
  if (!at::GradMode::is_enabled()) {
    const FusedPairs::Output out = FusedPairs(weights, input.y.size(1), input.y.size(2), heard)
                                       .forward({input.own.contiguous(), input.other.contiguous(), input.y.contiguous(),
                                                 input.start.contiguous(), input.presence});
    return {{out.move}, {out.heard}};
  }
  std::shared_ptr<PairsBackward> node(new PairsBackward(weights, input, heard), torch::autograd::deleteNode);
  FusedPairs::Output out = node->forward();
  torch::autograd::create_gradient_edge(out.move, node);
  if (heard) torch::autograd::create_gradient_edge(out.heard, node);
  return {{out.move}, {out.heard}};
}

PairMessages fused_jvp(const PairWeights& weights, const PairEnds& of, bool heard) {
  const auto contiguous = [](const Tensor& x) { return x.defined() ? x.contiguous() : x; };
  const FusedPairs pairs(weights, of.y.value.size(1), of.y.value.size(2), heard);
  const auto [value, derivative] =
      pairs.jvp({of.own.value.contiguous(), of.other.value.contiguous(), of.y.value.contiguous(),
                 of.start.value.contiguous(), of.presence},
                {contiguous(of.own.derivative), contiguous(of.other.derivative), contiguous(of.y.derivative),
                 contiguous(of.start.derivative), of.presence});
  return {{value.move, derivative.move}, {value.heard, derivative.heard}};
}

}  // namespace

std::vector<Tensor> PairWeights::tensors() const {
  std::vector<Tensor> all{distance, out, out_bias};
  if (attention.defined()) all.insert(all.end(), {attention, attention_bias});
  all.insert(all.end(), {position, position_bias, pull});
  return all;
}

PairMessages pair_messages(const PairWeights& weights, const PairEnds& of, bool heard) {
  const bool differentiated = at::GradMode::is_enabled() && of.start.value.requires_grad();
  if (differentiated || !FusedPairs::takes(weights, of.own.value)) return plain_pair_messages(weights, of, heard);
  if (of.y.derivative.defined()) return fused_jvp(weights, of, heard);
  return fused(weights, {of.own.value, of.other.value, of.y.value, of.start.value, of.presence}, heard);
}

PairMessages plain_pair_messages(const PairWeights& w, const PairEnds& of, bool heard) {
  const Dual& y = of.y;
  Tensor others = 1 - at::eye(y.value.size(-2), y.value.options()).unsqueeze(-1);  // [N, N, 1]
  if (of.presence.defined()) others = others * of.presence.unsqueeze(-2) * of.presence.unsqueeze(-3);
  const Dual apart = y.unsqueeze(-2) - y.unsqueeze(-3), square = squared_norm(apart),
             distant = squared_norm(of.start.unsqueeze(-2) - of.start.unsqueeze(-3));
  Dual z = of.own.unsqueeze(-2) + of.other.unsqueeze(-3) + square * w.distance[0] + distant * w.distance[1];
  if (w.radial.count > 0) z = z + radial_features(square, w.radial).times(w.distance.narrow(0, 2, w.radial.count));
  Dual m = silu(silu(z).times(w.out) + w.out_bias);
  if (w.attention.defined()) m = m * sigmoid(m.times(w.attention) + w.attention_bias);
  m = m * others;
  const Dual pull = silu(m.times(w.position) + w.position_bias).times(w.pull) * others;
  return {(apart * (inverse_distance(square, meeting) * pull)).sum(-2), heard ? m.sum(-2) : Dual{Tensor()}};
}

}  // namespace genmatch
