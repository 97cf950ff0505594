#include <torch/csrc/autograd/autograd.h>

#include "core/data/coupling.h"
#include "core/errors.h"
#include "core/learn/learned_generator.h"
#include "core/learn/loss.h"
#include "core/learn/model.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/manifold.h"
#include "core/process/source.h"

namespace genmatch {
namespace {

// A point on its way back, and what the divergence along it has added up to.
struct Moving {
  State x;
  Tensor volume;  // [B]
};

// weight * step added to each.
Moving moved(const Moving& from, const Moving& step, double weight) {
  Moving to{{}, from.volume + weight * step.volume};
  for (std::size_t f = 0; f < from.x.size(); ++f) to.x.push_back(from.x[f] + weight * step.x[f]);
  return to;
}

/// -ln p_1(x1) along the flow, which is followed back to the source by classical Runge–Kutta steps; autograd goes
/// through all of them.
class MaximumLikelihood final : public Loss {
 public:
  struct Options {
    int64_t steps = 10, probes = 1;
    void fields(Fields& f) {
      f("steps", steps, "of Runge-Kutta (4 calls of the network each) from the data to the source", at_least(1));
      f("probes", probes, "random directions that the divergence is estimated with; 0 = all, exactly", at_least(0));
    }
  };
  MaximumLikelihood(const Options& options, const Factors& factors) : options_(options) {
    for (const Factor& factor : factors) {
      if (factor.generators.empty()) continue;
      const Manifold* const m = factor.space->manifold();
      if (m == nullptr || !straight(*m))
        throw OptionError("", "follows flows on flat spaces without edges, R^d or clouds of particles, and not on " +
                                  factor.space->describe() + "; write `loss: bregman`");
      for (const WeightedGenerator& g : factor.generators)
        if (g.generator->role() != Role::carries)
          throw OptionError("", "is of flows alone; leave out the kinds beside them, or write `loss: bregman`");
      if (!factor.source->has_density())
        throw OptionError("", "needs a source whose density is known; write `loss: bregman`");
    }
  }

  Tensor of(const Factors& factors, const Model& model, const Pair& pair, const Tensor&, Rng& rng) const override {
    const bool wanted = at::GradMode::is_enabled();
    const at::AutoGradMode with_graph(true);  // the divergence is a derivative, in validation too
    const LearnedGenerator generator(factors, std::shared_ptr<const Model>(std::shared_ptr<void>(), &model));
    Moving now{{}, at::zeros({pair.x1[0].size(0)}, pair.x1[0].options())};
    for (const Tensor& x : pair.x1) now.x.push_back(x.detach());
    const std::vector<State> along = directions(factors, now.x, rng);
    const double step = 1 / static_cast<double>(options_.steps);
    for (int64_t i = 0; i < options_.steps; ++i) {
      const double t = 1 - static_cast<double>(i) * step;
      const auto slope = [&](const Moving& at, double time) {
        return this->slope(factors, generator, at, time, along, wanted);
      };
      const Moving k1 = slope(now, t), k2 = slope(moved(now, k1, -step / 2), t - step / 2),
                   k3 = slope(moved(now, k2, -step / 2), t - step / 2), k4 = slope(moved(now, k3, -step), t - step);
      now = moved(moved(moved(moved(now, k1, -step / 6), k2, -step / 3), k3, -step / 3), k4, -step / 6);
    }
    Tensor log_density = now.volume;
    for (std::size_t f = 0; f < factors.size(); ++f)
      if (!factors[f].generators.empty()) log_density = log_density + factors[f].source->log_density(now.x[f]);
    return wanted ? -log_density : -log_density.detach();
  }

 private:
  static bool straight(const Manifold& m) {
    Rng rng(0, "maximum_likelihood");
    const Tensor x = m.sample(8, rng, at::kDouble), v = m.to_tangent(x, 10 * rng.normal(x.sizes(), at::kDouble));
    return (m.exp(x, v) - (x + v)).abs().max().item<double>() < 1e-9;
  }

  // Tangents z with E<a, z><b, z> = <a, b>, the same all the way (Grathwohl et al. 2018), or orthonormal bases; one
  // tensor per factor that moves, undefined for the others.
  std::vector<State> directions(const Factors& factors, const State& x, Rng& rng) const {
    std::vector<State> all(options_.probes > 0 ? static_cast<std::size_t>(options_.probes) : 0, State(factors.size()));
    for (std::size_t f = 0; f < factors.size(); ++f) {
      if (factors[f].generators.empty()) continue;
      const Manifold& m = *factors[f].space->manifold();
      if (options_.probes > 0) {
        for (State& probe : all) probe[f] = m.tangent_noise(x[f], rng.normal(x[f].sizes(), x[f].options()));
        continue;
      }
      for (const Tensor& direction : m.tangent_basis(x[f]).unbind(0)) {
        all.emplace_back(factors.size());
        all.back()[f] = direction;
      }
    }
    return all;
  }

  Moving slope(const Factors& factors, const LearnedGenerator& generator, const Moving& at, double t,
               const std::vector<State>& along, bool wanted) const {
    State x;
    for (const Tensor& one : at.x) x.push_back(one.requires_grad() && wanted ? one : one.detach().requires_grad_());
    const std::vector<Coefficients> c = generator.at(x, at::full({x[0].size(0)}, t, x[0].options()));
    Moving slope{{}, at::zeros_like(at.volume)};
    for (std::size_t f = 0; f < factors.size(); ++f)
      slope.x.push_back(c[f].drift.defined() ? c[f].drift : at::zeros_like(x[f]));
    for (const State& z : along) {
      torch::autograd::variable_list outputs, inputs, weights;
      std::vector<std::size_t> moving;
      for (std::size_t f = 0; f < factors.size(); ++f) {
        if (!z[f].defined() || !slope.x[f].requires_grad()) continue;
        outputs.push_back(slope.x[f]), inputs.push_back(x[f]), weights.push_back(z[f]);
        moving.push_back(f);
      }
      if (outputs.empty()) continue;
      const auto pulled = torch::autograd::grad(outputs, inputs, weights, true, wanted, true);
      for (std::size_t k = 0; k < pulled.size(); ++k)
        if (pulled[k].defined()) slope.volume = slope.volume + (pulled[k] * z[moving[k]]).flatten(1).sum(1);
    }
    const auto count = static_cast<double>(options_.probes > 0 ? along.size() : 1);
    slope.volume = slope.volume / count;
    if (wanted) return slope;
    for (Tensor& one : slope.x) one = one.detach();
    slope.volume = slope.volume.detach();
    return slope;
  }

  Options options_;
};

}  // namespace

void add_maximum_likelihood(Catalog& c) {
  c.losses.add<MaximumLikelihood>(
      "maximum_likelihood",
      {"The negative log-likelihood of the data along the flow, in nats, by solving it in every step: slow, and the "
       "coupling and the path play no part. For flows on R^d and on clouds of particles.",
       "Chen et al. 2018, arXiv 1806.07366; Grathwohl et al. 2018, arXiv 1810.01367"});
}

}  // namespace genmatch
