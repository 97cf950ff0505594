#include "equivariant/importance.h"

#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/point_cloud.h"

namespace genmatch {
namespace {

// Weights in units of the largest, so that none overflows; the share and differences of ln w do not see the unit.
Tensor scaled(const Tensor& log_weight) { return (log_weight - log_weight.max()).exp(); }

}  // namespace

Energy target_energy(const EnergyOptions& stated, const Evaluation& evaluation, const char* who) {
  const PointCloud& cloud = as_point_cloud(*evaluation.spaces()[0], who);
  if (stated.stated()) return Energy(stated, cloud.particles(), cloud.space_dim());
  const auto* const known = dynamic_cast<const HasEnergy*>(evaluation.splits().origin.get());
  if (known == nullptr)
    throw OptionError("energy", std::string(who) +
                                    ": the energy of the data is not known; write e.g. energy: "
                                    "{potential: lennard_jones, factor: 2}");
  return known->energy();
}

Tensor log_importance(Evaluation& evaluation, const Energy& energy, const char* who) {
  if (!evaluation.has_density())
    throw DataError(std::string(who) + ": the density of the source is not known; use another source");
  const Tensor log_density = evaluation.sample_log_density(), x = evaluation.samples()[0];
  const Tensor log_weight = -energy.energy(x) - log_density, failed = log_weight.isnan();
  const auto count = failed.sum().item<int64_t>();
  if (100 * count > log_weight.numel())
    throw NumericalError(
        fmt::format("{}: {} of {} samples are missing because the solver failed on them; give "
                    "sampling.stepper more steps or a looser tolerance, or train longer",
                    who, count, log_weight.numel()));
  return log_weight.masked_fill(failed, -INFINITY);
}

Estimate effective_share(const Tensor& log_weight) {
  const Tensor w = scaled(log_weight);
  const double first = w.mean().item<double>(), second = w.square().mean().item<double>();
  const double share = first * first / second;
  const Tensor influence = 2 * first / second * (w - first) - share / second * (w.square() - second);
  return {share, estimate(influence).sem, w.numel()};
}

Estimate free_energy(const Tensor& log_weight, int64_t resamples, Rng& rng) {
  const Tensor w = scaled(log_weight);
  const int64_t n = w.numel();
  Tensor values = at::empty({resamples}, at::kDouble);
  for (int64_t i = 0; i < resamples; ++i) values[i] = -w.index_select(0, rng.integers(n, {n})).mean().log();
  return {-(w.mean().log() + log_weight.max()).item<double>(), values.std().item<double>(), n};
}

}  // namespace genmatch
