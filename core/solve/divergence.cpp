#include "core/solve/divergence.h"

#include <fmt/format.h>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/solve/likelihood.h"

namespace genmatch {
namespace {

const Manifold& factor(const Spaces& spaces, std::size_t f) { return as_manifold(*spaces[f], "divergence"); }

}  // namespace

State product_basis(const Spaces& spaces, const State& x) {
  State basis;
  int64_t total = 0;
  for (std::size_t f = 0; f < x.size(); ++f) {
    basis.push_back(factor(spaces, f).tangent_basis(x[f]));
    total += basis.back().size(0);
  }
  if (x.size() == 1) return basis;
  int64_t first = 0;
  for (Tensor& block : basis) {
    const int64_t dim = block.size(0);
    Shape shape = block.sizes().vec();
    shape[0] = total;
    Tensor padded = at::zeros(shape, block.options());
    padded.narrow(0, first, dim).copy_(block);
    block = padded;
    first += dim;
  }
  return basis;
}

Tensor directional_divergence(const Spaces& spaces, const State& x, const Linearised& generator,
                              const State& directions) {
  Tensor total = at::zeros({directions[0].size(0), x[0].size(0)}, x[0].options());
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Coefficients& c = generator.value[f];
    if (c.variance.defined() || c.rates.defined()) {
      throw NumericalError(fmt::format(
          "log-density: the generator of factor {} has {}, and only flows have a likelihood by change of variables: "
          "remove it, or leave out what needs the density",
          f + 1, c.variance.defined() ? "a variance" : "jump rates"));
    }
    if (!c.drift.defined()) continue;
    const Manifold& m = factor(spaces, f);
    const Tensor change = m.covariant(x[f], c.drift, directions[f], generator.derivative[f]);
    total = total + m.inner(x[f], directions[f], change);
  }
  return total;
}

Tensor divergence(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t) {
  const State basis = product_basis(spaces, x);
  return directional_divergence(spaces, x, generator.along(x, t, basis), basis).sum(0);
}

}  // namespace genmatch
