#include "equivariant/models/filtered_messages.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <algorithm>
#include <cmath>

#include "core/learn/check_backward.h"
#include "core/ops.h"
#include "equivariant/models/fused_filters.h"

namespace genmatch {
namespace {

constexpr int64_t widest = 128;

Tensor contiguous(const Tensor& x) { return x.defined() ? x.detach().contiguous() : x; }

// One node of the autograd graph, whose backward pass computes the filters anew.
class FiltersBackward final : public torch::autograd::Node {
 public:
  FiltersBackward(std::shared_ptr<const FusedFilters> pairs, const Tensor& filter, const Tensor& said, const Tensor& v)
      : pairs_(std::move(pairs)), filter_(filter.detach()), said_{contiguous(said), contiguous(v)} {
    std::vector<Tensor> all{filter, said};
    if (v.defined()) all.push_back(v);
    set_next_edges(torch::autograd::collect_next_edges(all));
  }

  FusedFilters::Values forward() const { return pairs_->forward(filter_, said_); }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    check_backward(!filter_.defined());
    const Shape sizes = said_.scalars.sizes().vec();
    const int64_t width = filter_.size(1) / 3;
    const auto given = [&](const Tensor& gradient, const Shape& shape) {
      return gradient.defined() ? gradient.contiguous() : at::zeros(shape, filter_.options());
    };
    const FusedFilters::Values wanted{given(gradients[0], {sizes[0], sizes[1], width}),
                                      given(gradients[1], {sizes[0], sizes[1], pairs_->dim(), width})};
    const auto [said, filter] = pairs_->backward(filter_, said_, wanted);
    if (!said.vectors.defined()) return {filter, said.scalars};
    return {filter, said.scalars, said.vectors};
  }

  void release_variables() override {
    filter_ = Tensor();
    said_ = {};
  }

 private:
  std::shared_ptr<const FusedFilters> pairs_;
  Tensor filter_;
  FusedFilters::Values said_;
};

}  // namespace

Neighbours::Neighbours(const Dual& x, const Tensor& presence, const RadialFeatures& features, int64_t width) {
  const bool differentiated = at::GradMode::is_enabled() && x.value.requires_grad();
  const bool small = x.value.scalar_type() == at::kFloat && x.value.device().is_cpu() && width <= widest;
  if (small && !differentiated)
    fused_ = std::make_shared<FusedFilters>(x, presence, features);
  else
    *this = plain(x, presence, features);
}

Neighbours Neighbours::plain(const Dual& x, const Tensor& presence, const RadialFeatures& features) {
  const int64_t particles = x.value.size(-2);
  const Dual apart = x.unsqueeze(-2) - x.unsqueeze(-3), square = squared_norm(apart);
  Tensor others = 1 - at::eye(particles, x.value.options()).unsqueeze(-1);
  if (presence.defined()) others = others * presence.unsqueeze(-2) * presence.unsqueeze(-3);
  Neighbours all;
  all.radial_ =
      radial_features(square, features) * (others / std::sqrt(std::max(1.0, static_cast<double>(particles - 1))));
  all.toward_ = (apart * inverse_distance(square, meeting)).unsqueeze(-1);
  return all;
}

Neighbours::Heard Neighbours::hear(const Tensor& filter, const Dual& said, const Dual& v) const {
  if (fused_ == nullptr) {
    const int64_t f = filter.size(1) / 3;
    const Dual heard = radial_.times(filter) * said.unsqueeze(-3);
    const auto part = [&](int64_t k) { return heard.narrow(-1, k * f, f); };
    Dual moved = (part(2).unsqueeze(-2) * toward_).sum(-3);
    if (v.value.defined()) moved = moved + (part(1).unsqueeze(-2) * v.unsqueeze(-4)).sum(-3);
    return {part(0).sum(-2), moved};
  }
  if (fused_->has_directions()) {
    Shape all = said.value.sizes().vec();
    all.insert(all.begin(), fused_->directions());
    const FusedFilters::Values from{contiguous(said.value), contiguous(v.value)},
        along{said.derivative.defined() ? contiguous(said.derivative) : at::zeros(all, said.value.options()),
              contiguous(v.derivative)},
        value = fused_->forward(filter, from), derivative = fused_->jvp(filter, from, along);
    return {{value.scalars, derivative.scalars}, {value.vectors, derivative.vectors}};
  }
  if (!at::GradMode::is_enabled()) {
    const FusedFilters::Values value = fused_->forward(filter, {contiguous(said.value), contiguous(v.value)});
    return {{value.scalars}, {value.vectors}};
  }
  std::shared_ptr<FiltersBackward> node(new FiltersBackward(fused_, filter, said.value, v.value),
                                        torch::autograd::deleteNode);
  FusedFilters::Values value = node->forward();
  torch::autograd::create_gradient_edge(value.scalars, node);
  torch::autograd::create_gradient_edge(value.vectors, node);
  return {{value.scalars}, {value.vectors}};
}

}  // namespace genmatch
