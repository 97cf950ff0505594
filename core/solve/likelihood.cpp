#include "core/solve/likelihood.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/euclidean.h"
#include "core/process/manifold.h"
#include "core/solve/divergence.h"

namespace genmatch {
namespace {

// The flow on the state (x, l, z): l in R^K has the drift -divergence, so that ln p_t(x_t) - l_t is constant; the
// white noise z, one Euclidean factor [K * event_size] for each of x's (none if exact), rests, and so stays with its
// row whatever the solver does with the batch.
class WithDensity final : public Generator {
 public:
  WithDensity(const Generator& flow, const Spaces& spaces, bool exact) : flow_(flow), spaces_(spaces), exact_(exact) {}

  std::vector<Coefficients> at(const State& state, const Tensor& t) const override {
    const State x(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(spaces_.size()));
    const State directions = exact_ ? product_basis(spaces_, x) : tangent_probes(state, x);
    Linearised flow = flow_.along(x, t, directions);
    const Tensor each = directional_divergence(spaces_, x, flow, directions);
    flow.value.push_back({-(exact_ ? each.sum(0).unsqueeze(1) : each.transpose(0, 1)), {}, {}, {}});
    flow.value.resize(state.size());
    return std::move(flow.value);
  }

 private:
  State tangent_probes(const State& state, const State& x) const {
    State probes;
    const int64_t rows = x[0].size(0), k = state[x.size()].size(1);
    for (std::size_t f = 0; f < x.size(); ++f) {
      Shape shape{rows, k};
      for (const int64_t size : spaces_[f]->event_shape()) shape.push_back(size);
      const Tensor noise = state[x.size() + 1 + f].reshape(shape).transpose(0, 1);
      probes.push_back(as_manifold(*spaces_[f], "log_density").tangent_noise(x[f], noise));
    }
    return probes;
  }

  const Generator& flow_;
  const Spaces& spaces_;
  bool exact_;
};

void check(const DivergenceOptions& o) {
  if ((o.type == "exact" || o.type == "hutchinson") && (o.noise == "rademacher" || o.noise == "gaussian") &&
      o.probes >= 1) {
    return;
  }
  throw ContractError(fmt::format(
      "log_density: divergence: exact or hutchinson with at least one rademacher or gaussian probe expected, got {} "
      "with {} {} probes",
      o.type, o.probes, o.noise));
}

void check_points(const Spaces& spaces, const State& x) {
  for (std::size_t f = 0; f < spaces.size() && f < x.size(); ++f) {
    const double tolerance = x[f].scalar_type() == at::kDouble ? 1e-7 : 1e-3;  // about the root of the precision
    const Tensor off = spaces[f]->violation(x[f]).gt(tolerance).reshape({-1}).nonzero();
    if (off.size(0) == 0) continue;
    throw ContractError(fmt::format("log_density: x1: points of {} expected, got {} off it, the first in row {}",
                                    spaces[f]->describe(), off.size(0), off[0].item<int64_t>()));
  }
}

// The state (x, l, z) and the spaces of its factors.
struct Augmented {
  Spaces spaces;
  State state;
};
Augmented augment(const Spaces& spaces, const State& x, const DivergenceOptions& divergence, Rng& rng) {
  const bool exact = divergence.type == "exact";
  const int64_t rows = x[0].size(0), k = exact ? 1 : divergence.probes;
  Augmented all{spaces, x};
  all.spaces.push_back(euclidean(k));
  all.state.push_back(at::zeros({rows, k}, x[0].options()));
  if (exact) return all;
  for (std::size_t f = 0; f < x.size(); ++f) {
    const Shape shape{rows, k * spaces[f]->event_size()};
    Rng stream = rng.fork("likelihood/probes", f);
    all.spaces.push_back(euclidean(shape[1]));
    all.state.push_back(divergence.noise == "gaussian" ? stream.normal(shape, x[f].options())
                                                       : stream.rademacher(shape, x[f].options()));
  }
  return all;
}

// Solves x with the change l of the log-density; returns l as [B, K] and the rest of the result.
struct Solved {
  Tensor change;
  Likelihood likelihood;
};
Solved solve(const Generator& generator, const Factors& factors, const State& start, double from, double to,
             const Stepper& stepper, const DivergenceOptions& divergence, Rng& rng, const StepCallback& callback) {
  const Spaces on = spaces(factors);
  const Augmented all = augment(on, start, divergence, rng);
  const WithDensity flow(generator, on, divergence.type == "exact");
  const auto count = static_cast<std::ptrdiff_t>(on.size());
  StepCallback inner;
  if (callback) {
    inner = [&](double fraction, double t, const State& x) {
      callback(fraction, t, x.empty() ? x : State(x.begin(), x.begin() + count));
    };
  }
  Solved result;
  Solution& solution = result.likelihood.solution;
  solution = simulate(flow, all.spaces, all.state, from, to, stepper, rng, inner);
  result.change = solution.x[on.size()];
  solution.x.resize(on.size());
  result.likelihood.x = solution.x;
  return result;
}

Likelihood finish(Solved solved, const Tensor& log_source, double sign, const DivergenceOptions& divergence) {
  Likelihood result = std::move(solved.likelihood);
  const Tensor each = log_source.unsqueeze(1) + sign * solved.change;
  const Tensor failed = result.solution.status.ne(static_cast<int64_t>(Status::done));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  result.log_density = each.mean(1).masked_fill(failed, nan);
  const auto k = static_cast<double>(each.size(1));
  if (divergence.type == "exact") {
    result.standard_error = at::zeros_like(result.log_density);
  } else if (each.size(1) == 1) {
    result.standard_error = at::full_like(result.log_density, nan);
  } else {
    result.standard_error = each.std(1) / std::sqrt(k);
  }
  return result;
}

}  // namespace

void DivergenceOptions::fields(Fields& f) {
  f("type", type, "divergence of the drift: exact, or Hutchinson's unbiased estimate", one_of({"exact", "hutchinson"}));
  f("probes", probes, "random directions per sample of Hutchinson's estimate", at_least(1));
  f("noise", noise, "law of the directions", one_of({"rademacher", "gaussian"}));
}

Likelihood log_density(const Generator& generator, const Factors& factors, const State& x1, const Stepper& stepper,
                       const DivergenceOptions& divergence, Rng& rng, const StepCallback& callback) {
  const at::NoGradGuard no_grad;
  check(divergence);
  check_state(spaces(factors), x1, "log_density: x1");
  check_points(spaces(factors), x1);
  Solved solved = solve(generator, factors, x1, 1, 0, stepper, divergence, rng, callback);
  const Tensor log_source = source_log_density(factors, solved.likelihood.x);
  return finish(std::move(solved), log_source, -1, divergence);
}

Likelihood sample_with_density(const Generator& generator, const Factors& factors, int64_t n, const Stepper& stepper,
                               const DivergenceOptions& divergence, const at::TensorOptions& like, Rng& rng,
                               const StepCallback& callback) {
  const at::NoGradGuard no_grad;
  check(divergence);
  if (n < 0) throw ContractError(fmt::format("sample_with_density: n: at least 0 expected, got {}", n));
  const State x0 = sample_source(factors, n, rng, like);
  const Tensor log_source = source_log_density(factors, x0);
  return finish(solve(generator, factors, x0, 0, 1, stepper, divergence, rng, callback), log_source, 1, divergence);
}

}  // namespace genmatch
