#include "core/process/gaussian_flow.h"

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/path.h"
#include "core/process/space.h"

namespace genmatch {

std::vector<const GaussianSchedule*> gaussian_schedules(const Factors& factors, const std::string& who) {
  std::vector<const GaussianSchedule*> all;
  for (const Factor& factor : factors) {
    all.push_back(factor.path == nullptr ? nullptr : factor.path->gaussian());
    if (all.back() != nullptr || !factor.moves()) continue;
    throw OptionError("", who + " needs Gaussian paths, and that of factor " + factor.name +
                              " is none; write `path: gaussian` with a normal source on euclidean space");
  }
  return all;
}

GaussianFlow::GaussianFlow(GeneratorPtr flow, Factors factors, const std::string& who)
    : flow_(std::move(flow)), factors_(std::move(factors)), schedules_(gaussian_schedules(factors_, who)) {
  if (flow_ == nullptr) throw ContractError(who + ": a generator expected, got none");
}

State GaussianFlow::velocity(const State& x, const Tensor& t) const {
  if (x.size() != factors_.size())
    throw ContractError("GaussianFlow: a state on as many factors as have paths expected");
  return flow_velocity(*flow_, x, t, "GaussianFlow");
}

Tensor GaussianFlow::read(Prediction wanted, std::size_t factor, const Tensor& x, const Tensor& t,
                          const Tensor& velocity) const {
  return convert(Prediction::velocity, wanted, schedule(factor).at(t), x, velocity);
}

State GaussianFlow::predict(Prediction wanted, const State& x, const Tensor& t) const {
  State all = velocity(x, t);
  for (std::size_t f = 0; f < all.size(); ++f)
    if (moves(f)) all[f] = read(wanted, f, x[f], t, all[f]);
  return all;
}

}  // namespace genmatch
