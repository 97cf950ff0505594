#include "equivariant/statistics/importance.h"

#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"

namespace genmatch {
namespace {

// Weights in units of the largest, so that none overflows; the share and differences of ln w do not see the unit.
Tensor scaled(const Tensor& log_weight) { return (log_weight - log_weight.max()).exp(); }

// number(rows) of all rows, with its scatter over rows that are drawn with replacement.
template <class Number>
Estimate bootstrapped(int64_t n, int64_t resamples, Rng& rng, const Number& number) {
  Tensor values = at::empty({resamples}, at::kDouble);
  for (int64_t i = 0; i < resamples; ++i) values[i] = number(rng.integers(n, {n}));
  return {number(at::arange(n, at::kLong)), values.std().item<double>(), n};
}

// Rows of weight zero, where a solver failed, may have NaN values.
Tensor known(const Tensor& weight, const Tensor& values) { return values.masked_fill(weight == 0, 0); }

double mean_of(const Tensor& weight, const Tensor& values) {
  return ((weight * values).sum() / weight.sum()).item<double>();
}

}  // namespace

Energy target_energy(const EnergyOptions& stated, const Spaces& spaces, const FigureContext& context, const char* who) {
  const PointCloud& cloud = as_fixed_cloud(*spaces.at(0), who);
  if (stated.stated()) return Energy(stated, cloud.particles(), cloud.space_dim(), context.folder, context.search);
  const auto* const known = dynamic_cast<const HasEnergy*>(context.data.get());
  if (known == nullptr)
    throw OptionError("energy", std::string(who) +
                                    ": the energy of the data is not known; write e.g. energy: "
                                    "{potential: lennard_jones, factor: 2}");
  return known->energy();
}

Energy target_energy(const EnergyOptions& stated, const Evaluation& evaluation, const char* who) {
  FigureContext context = evaluation.context();
  if (context.data == nullptr) context.data = evaluation.splits().origin;
  return target_energy(stated, evaluation.spaces(), context, who);
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
  const double unit = log_weight.max().item<double>();
  return bootstrapped(w.numel(), resamples, rng, [&](const Tensor& rows) {
    return -std::log(w.index_select(0, rows).mean().item<double>()) - unit;
  });
}

Estimate free_energy_difference(const Tensor& log_weight, const Tensor& log_ratio, int64_t resamples, Rng& rng) {
  const Tensor w = scaled(log_weight), log_moved = log_weight + log_ratio;
  const Tensor moved = scaled(log_moved.masked_fill(w == 0, -INFINITY));
  const double unit = (log_moved.masked_fill(w == 0, -INFINITY).max() - log_weight.max()).item<double>();
  return bootstrapped(w.numel(), resamples, rng, [&](const Tensor& rows) {
    return std::log((w.index_select(0, rows).sum() / moved.index_select(0, rows).sum()).item<double>()) - unit;
  });
}

Estimate weighted_mean(const Tensor& log_weight, const Tensor& values, int64_t resamples, Rng& rng) {
  const Tensor w = scaled(log_weight), f = known(w, values);
  return bootstrapped(w.numel(), resamples, rng,
                      [&](const Tensor& rows) { return mean_of(w.index_select(0, rows), f.index_select(0, rows)); });
}

Estimate weighted_variance(const Tensor& log_weight, const Tensor& values, int64_t resamples, Rng& rng) {
  const Tensor w = scaled(log_weight), f = known(w, values);
  return bootstrapped(w.numel(), resamples, rng, [&](const Tensor& rows) {
    const Tensor weight = w.index_select(0, rows), value = f.index_select(0, rows);
    return mean_of(weight, (value - mean_of(weight, value)).square());
  });
}

}  // namespace genmatch
