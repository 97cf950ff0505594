#include "core/errors.h"
#include "core/learn/learned_generator.h"
#include "core/learn/loss.h"
#include "core/learn/train.h"
#include "core/ops.h"

namespace genmatch {

Tensor MatchingLoss::of(const Factors& factors, const Model& model, const Pair& pair, const Tensor& t, Rng& rng) const {
  const State xt = sample_path(factors, pair.x0, pair.x1, t, rng);
  const std::vector<Tensor> output = model.forward(xt, t);
  Tensor total;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const std::vector<Tensor> raw = heads(factors[i], output[i]);
    for (std::size_t j = 0; j < raw.size(); ++j) {
      const Tensor one =
          at({factors[i], *factors[i].generators[j].generator, xt[i], t, pair.x0[i], pair.x1[i], raw[j]});
      total = total.defined() ? total + one : one;
    }
  }
  if (!total.defined()) throw ContractError("loss: expected factors with generators, got none");
  return total;
}

}  // namespace genmatch
