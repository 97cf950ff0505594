#include "core/process/diffused.h"

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

void require(const DiffusionCoefficientPtr& g, const char* who) {
  if (g == nullptr) throw ContractError(std::string(who) + ": a diffusion coefficient expected, got none");
}

// The coefficients of Langevin dynamics with g of one factor, given the flow's velocity there; none of a condition.
Coefficients langevin(const GaussianFlow& flow, const DiffusionCoefficient& g, std::size_t f, const Tensor& x,
                      const Tensor& t, const Tensor& velocity) {
  if (!flow.moves(f)) return {};
  const Tensor variance = g.squared(t, flow.schedule(f).at(t));
  const Tensor score = flow.read(Prediction::score, f, x, t, velocity);
  return {0.5 * unsqueeze_event(variance, *flow.factors()[f].space) * score, variance, {}, {}};
}

}  // namespace

Langevin::Langevin(GeneratorPtr flow, const Factors& factors, DiffusionCoefficientPtr g)
    : flow_(std::move(flow), factors, "Langevin dynamics"), g_(std::move(g)) {
  require(g_, "Langevin");
}

std::vector<Coefficients> Langevin::at(const State& x, const Tensor& t) const {
  const State velocity = flow_.velocity(x, t);
  std::vector<Coefficients> all;
  for (std::size_t f = 0; f < x.size(); ++f) all.push_back(langevin(flow_, *g_, f, x[f], t, velocity[f]));
  return all;
}

Diffused::Diffused(GeneratorPtr flow, const Factors& factors, DiffusionCoefficientPtr g)
    : flow_(std::move(flow), factors, "a stochastic process"), g_(std::move(g)) {
  require(g_, "Diffused");
}

std::vector<Coefficients> Diffused::at(const State& x, const Tensor& t) const {
  const State velocity = flow_.velocity(x, t);
  std::vector<Coefficients> all;
  for (std::size_t f = 0; f < x.size(); ++f)
    all.push_back(
        add({flow_.moves(f) ? velocity[f] : Tensor(), {}, {}, {}}, langevin(flow_, *g_, f, x[f], t, velocity[f])));
  return all;
}

}  // namespace genmatch
