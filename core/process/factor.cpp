#include "core/process/factor.h"

#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/manifold.h"
#include "core/process/path.h"
#include "core/process/source.h"

namespace genmatch {
namespace {

void check_count(const Factors& factors, const State& x, const char* what) {
  if (x.size() != factors.size()) {
    throw ContractError(
        fmt::format("{}: one tensor for each of {} factors expected, got {}", what, factors.size(), x.size()));
  }
}

}  // namespace

bool Factor::moves() const {
  const Manifold* const manifold = space->manifold();
  return manifold == nullptr || manifold->dim() > 0;
}

Spaces spaces(const Factors& factors) {
  Spaces all;
  for (const Factor& f : factors) all.push_back(f.space);
  return all;
}

Factors moving(const Factors& factors) {
  Factors all;
  for (const Factor& f : factors)
    if (f.moves()) all.push_back(f);
  return all;
}

State moving(const Factors& factors, const State& x) {
  check_count(factors, x, "moving");
  State all;
  for (std::size_t i = 0; i < factors.size(); ++i)
    if (factors[i].moves()) all.push_back(x[i]);
  return all;
}

void check_weights(const Factor& factor) {
  double carried = 0;
  for (const WeightedGenerator& g : factor.generators) {
    if (!std::isfinite(g.weight)) throw OptionError("generators", "weights must be finite numbers");
    if (g.generator->role() == Role::carries) {
      carried += g.weight;
    } else if (g.weight < 0) {
      throw OptionError("generators", fmt::format("a kind that preserves p_t needs a weight >= 0, got {}", g.weight));
    }
  }
  constexpr double rounding = 1e-5;  // of weights written as decimals, like three times 0.333333
  if (std::abs(carried - 1) > rounding) {
    throw OptionError(
        "generators",
        fmt::format("the weights of the kinds that carry p_t (flow, jump, ...) must sum to 1, got {}", carried));
  }
}

State sample_source(const Factors& factors, int64_t n, Rng& rng, const at::TensorOptions& like) {
  State x;
  for (const Factor& f : factors) {
    x.push_back(f.source->sample(n, rng, like));
    if (!f.components.defined()) continue;
    const Tensor rows = rng.integers(f.components.size(0), {n}).to(f.components.device());
    x.back() = f.space->in_component_of(f.components.index_select(0, rows).to(like), x.back());
  }
  return x;
}

State sample_source_for(const Factors& factors, const State& x1, Rng& rng) {
  check_count(factors, x1, "sample_source_for");
  State x;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const Factor& f = factors[i];
    x.push_back(f.space->in_component_of(x1[i], f.source->sample(x1[i].size(0), rng, x1[0].options())));
  }
  return x;
}

Tensor source_log_density(const Factors& factors, const State& x) {
  check_count(factors, x, "source_log_density");
  Tensor total;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (!factors[i].moves()) continue;
    const Tensor one = factors[i].source->log_density(x[i]);
    total = total.defined() ? total + one : one;
  }
  return total;
}

State sample_path(const Factors& factors, const State& x0, const State& x1, const Tensor& t, Rng& rng) {
  check_count(factors, x0, "sample_path: x0");
  check_count(factors, x1, "sample_path: x1");
  State xt;
  for (std::size_t i = 0; i < factors.size(); ++i) xt.push_back(factors[i].path->sample(x0[i], x1[i], t, rng));
  return xt;
}

}  // namespace genmatch
