#include "core/process/coefficients.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/errors.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"

namespace genmatch {
namespace {

Tensor sum(const Tensor& a, const Tensor& b, const char* name) {
  if (!a.defined()) return b;
  if (!b.defined()) return a;
  if (a.sizes() != b.sizes()) {
    throw ContractError(fmt::format("add(Coefficients): {} of one shape expected, got {} and {}", name,
                                    fmt::join(a.sizes(), "x"), fmt::join(b.sizes(), "x")));
  }
  return a + b;
}

void add_jumps(const Coefficients& a, const Coefficients& b, Coefficients& total) {
  if (!a.rates.defined() || !b.rates.defined()) {
    const Coefficients& only = a.rates.defined() ? a : b;
    total.rates = only.rates;
    total.destinations = only.destinations;
    return;
  }
  if (a.destinations.defined() != b.destinations.defined()) {
    throw ContractError("add(Coefficients): rates on an alphabet and rates with destinations do not add");
  }
  if (!a.destinations.defined()) {
    total.rates = sum(a.rates, b.rates, "rates");
    return;
  }
  const int64_t candidates = a.rates.dim() - 1;
  total.rates = at::cat({a.rates, b.rates}, candidates);
  total.destinations = at::cat({a.destinations, b.destinations}, candidates);
}

Tensor times(const Tensor& value, const Tensor& weight) {
  if (!value.defined()) return value;
  if (weight.dim() == 0) return value * weight;
  return value * over_event(weight, value);
}

}  // namespace

Coefficients add(const Coefficients& a, const Coefficients& b) {
  Coefficients total;
  total.drift = sum(a.drift, b.drift, "drift");
  total.variance = sum(a.variance, b.variance, "variance");
  add_jumps(a, b, total);
  return total;
}

Coefficients scale(const Coefficients& c, const Tensor& weight) {
  if (weight.dim() > 1) {
    throw ContractError(
        fmt::format("scale(Coefficients): weight must be a scalar or [B], got {}", fmt::join(weight.sizes(), "x")));
  }
  return {times(c.drift, weight), times(c.variance, weight), times(c.rates, weight), c.destinations};
}

Coefficients scale(const Coefficients& c, double weight) {
  const auto times = [weight](const Tensor& value) { return value.defined() ? value * weight : value; };
  return {times(c.drift), times(c.variance), times(c.rates), c.destinations};
}

}  // namespace genmatch
