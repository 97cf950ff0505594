#include "core/errors.h"
#include "core/learn/bregman.h"
#include "core/learn/learned_generator.h"
#include "core/learn/train.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"

namespace genmatch {

Tensor draw_times(const std::string& how, int64_t rows, Rng& rng, const at::TensorOptions& like) {
  if (how == "uniform") return rng.uniform({rows}, like);
  if (how != "stratified") throw ContractError("draw_times: expected uniform or stratified, got \"" + how + "\"");
  // In double: rounding up in float could reach 1, where no path needs a velocity.
  const Tensor offset = rng.uniform({rows}, at::TensorOptions(at::kDouble));
  const Tensor t = (at::arange(rows, at::kDouble) + offset) / static_cast<double>(std::max<int64_t>(rows, 1));
  constexpr double kBelowOneInFloat = 1 - 0x1p-24;
  return t.clamp_max_(kBelowOneInFloat).to(like);
}

Tensor matching_loss(const Factors& factors, const Model& model, const Pair& pair, const Tensor& t, Rng& rng) {
  const State xt = sample_path(factors, pair.x0, pair.x1, t, rng);
  const auto predicted = coefficients(factors, xt, t, model.forward(xt, t));
  Tensor total;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    for (std::size_t j = 0; j < factors[i].generators.size(); ++j) {
      const Coefficients target = factors[i].generators[j].generator->given(xt[i], t, pair.x0[i], pair.x1[i]);
      const Tensor loss = bregman(*factors[i].space, xt[i], target, predicted[i][j]);
      total = total.defined() ? total + loss : loss;
    }
  }
  if (!total.defined()) throw ContractError("matching_loss: expected factors with generators, got none");
  return total;
}

}  // namespace genmatch
