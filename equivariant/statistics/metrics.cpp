#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/measure/jackknife.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "equivariant/statistics/cloud_metric.h"

namespace genmatch {
namespace {

class EffectiveSampleSize final : public TargetMetric {
 public:
  using Options = TargetOptions;
  explicit EffectiveSampleSize(const Options& options) : TargetMetric(options.energy, "ess") {}
  Better better() const override { return Better::higher; }
  Estimate value(Evaluation& evaluation) const override {
    const Estimate share = effective_share(log_importance(evaluation, target(evaluation), name()));
    return {100 * share.mean, 100 * share.sem, share.n};
  }
};

class FreeEnergy final : public TargetMetric {
 public:
  using Options = BootstrapOptions;
  explicit FreeEnergy(const Options& options)
      : TargetMetric(options.energy, "free_energy"), resamples_(options.resamples) {}
  Better better() const override { return Better::neither; }
  Estimate value(Evaluation& evaluation) const override {
    Rng rng(evaluation.seed(), "free_energy");
    return free_energy(log_importance(evaluation, target(evaluation), name()), resamples_, rng);
  }

 private:
  int64_t resamples_;
};

/// W_1 between the energies of as many samples as test rows. The standard error is a jackknife over parts of both; test
/// rows of one group stay together.
class EnergyDistance final : public TargetMetric {
 public:
  using Options = TargetOptions;
  explicit EnergyDistance(const Options& options) : TargetMetric(options.energy, "energy_w1") {}
  Estimate value(Evaluation& evaluation) const override {
    const Energy energy = target(evaluation);
    const Table& test = evaluation.splits().test;
    const TwoSamples s = two_samples(evaluation, test.rows(), name());
    const Tensor model = energy.energy(s.model[0]), data = energy.energy(s.data[0]);
    const Tensor row = at::arange(s.n, at::kLong);
    Tensor group = row;
    if (test.group.defined()) group = std::get<1>(at::_unique(test.group.narrow(0, 0, s.n), true, true));
    const int64_t parts = std::min<int64_t>(20, group.max().item<int64_t>() + 1);
    if (parts < 2) return {distance(model, data), std::nan(""), s.n};
    Tensor without = at::empty({parts}, at::kDouble);
    for (int64_t g = 0; g < parts; ++g)
      without[g] =
          distance(model.masked_select(row.remainder(parts) != g), data.masked_select(group.remainder(parts) != g));
    return {distance(model, data), jackknife_error(without), s.n};
  }

 private:
  // Of the first ones, if there are more of one: both are in random order.
  static double distance(const Tensor& a, const Tensor& b) {
    const int64_t n = std::min(a.numel(), b.numel());
    return (std::get<0>(a.narrow(0, 0, n).sort()) - std::get<0>(b.narrow(0, 0, n).sort())).abs().mean().item<double>();
  }
};

/// The nll less (N - 1) D / 2 ln 2 pi for clouds of N particles.
class UnnormalisedNll final : public CloudMetric {
 public:
  using Options = NoOptions;
  explicit UnnormalisedNll(const Options&) {}
  Estimate value(Evaluation& evaluation) const override {
    const Tensor log_density = evaluation.test_log_density();
    if (const auto failed = log_density.isnan().sum().item<int64_t>(); failed > 0 || log_density.numel() == 0)
      throw NumericalError(
          fmt::format("nll_without_normaliser: {} of {} test rows have no log-density", failed, log_density.numel()));
    const PointCloud& cloud = as_point_cloud(*evaluation.spaces()[0], "nll_without_normaliser");
    const Tensor& x = evaluation.splits().test.x[0];
    const Tensor normaliser = cloud.log_base_density(x) + 0.5 * x.square().sum({-2, -1});
    return estimate(normaliser - log_density, evaluation.splits().test.group);
  }
};

}  // namespace

void add_particle_metrics(Catalog& c) {
  c.metrics.add<EffectiveSampleSize>(
      "ess", {"effective sample size of samples weighted by exp(-E) / p_1, in per cent of their number; it needs their "
              "energy and density",
              "Köhler et al. 2020, arXiv 2006.02425; Klein et al. 2023, arXiv 2306.15030"});
  c.metrics.add<FreeEnergy>("free_energy",
                            {"-ln of the integral of exp(-E) by weighted samples, with a bootstrap standard error",
                             "Nicoli et al. 2020, arXiv 1910.13496"});
  c.metrics.add<EnergyDistance>("energy_w1",
                                {"Wasserstein distance of order 1 between the energies of samples and of test rows, "
                                 "in kT; finite sets of one law are at some distance too",
                                 "Akhound-Sadegh et al. 2024, arXiv 2402.06121"});
  c.metrics.add<UnnormalisedNll>(
      "nll_without_normaliser",
      {"nll less (N - 1) D / 2 ln 2 pi, as papers on particles state it", "Klein et al. 2023, arXiv 2306.15030"});
}

}  // namespace genmatch
