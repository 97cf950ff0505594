#include "core/learn/bregman.h"

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {

namespace {

// Whether the coefficient is present; both sides must have it, in the same shape.
bool present(const Tensor& target, const Tensor& predicted, const char* name) {
  if (target.defined() != predicted.defined())
    throw ContractError(std::string("bregman: ") + name + ": present in the " +
                        (target.defined() ? "target" : "prediction") + " only; both or neither expected");
  if (target.defined() && target.sizes() != predicted.sizes())
    throw ContractError(std::string("bregman: ") + name + ": expected the target's shape " + c10::str(target.sizes()) +
                        ", got " + c10::str(predicted.sizes()));
  return target.defined();
}

Tensor poisson(const Tensor& target, const Tensor& predicted) {
  // Where the target is zero the logarithm must not be seen, by autograd neither.
  const Tensor of_log = at::where(target > 0, predicted, at::ones_like(predicted));
  const Tensor terms = predicted - target + at::xlogy(target, target) - target * at::log(of_log);
  return terms.flatten(1).sum(1);
}

}  // namespace

Tensor bregman(const Space& space, const Tensor& x, const Coefficients& target, const Coefficients& predicted) {
  Tensor total = at::zeros({x.size(0)}, x.options());
  if (present(target.drift, predicted.drift, "drift")) {
    const Manifold& manifold = as_manifold(space, "bregman: drift");
    const Tensor error = target.drift - predicted.drift;
    total = total + manifold.inner(x, error, error) / static_cast<double>(manifold.dim());
  }
  if (present(target.variance, predicted.variance, "variance"))
    total = total + (target.variance - predicted.variance).square();
  if (present(target.rates, predicted.rates, "rates")) total = total + poisson(target.rates, predicted.rates);
  return total;
}

}  // namespace genmatch
