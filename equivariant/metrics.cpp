#include <fmt/format.h>

#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/measure/jackknife.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "equivariant/importance.h"
#include "equivariant/point_cloud.h"

namespace genmatch {
namespace {

struct TargetOptions {
  EnergyOptions energy;
  void fields(Fields& f) { f("energy", energy, "of the target; that of the data unless stated"); }
};

/// What is measured of one cloud of particles.
class CloudMetric : public Metric {
 public:
  void check(const Spaces& spaces) const final {
    if (spaces.size() != 1) throw OptionError("", "measures one factor");
    as_point_cloud(*spaces[0], "this metric");
  }
};

class EffectiveSampleSize final : public CloudMetric {
 public:
  using Options = TargetOptions;
  explicit EffectiveSampleSize(const Options& options) : options_(options) {}
  bool higher_is_better() const override { return true; }
  Estimate value(Evaluation& evaluation) const override {
    const Energy energy = target_energy(options_.energy, evaluation, "ess");
    const Estimate share = effective_share(log_importance(evaluation, energy, "ess"));
    return {100 * share.mean, 100 * share.sem, share.n};
  }

 private:
  Options options_;
};

class FreeEnergy final : public CloudMetric {
 public:
  struct Options : TargetOptions {
    int64_t resamples = 200;
    void fields(Fields& f) {
      TargetOptions::fields(f);
      f("resamples", resamples, "of the bootstrap for the standard error", at_least(2));
    }
  };
  explicit FreeEnergy(const Options& options) : options_(options) {}
  bool measures_fit() const override { return false; }
  Estimate value(Evaluation& evaluation) const override {
    const Energy energy = target_energy(options_.energy, evaluation, "free_energy");
    Rng rng(evaluation.seed(), "free_energy");
    return free_energy(log_importance(evaluation, energy, "free_energy"), options_.resamples, rng);
  }

 private:
  Options options_;
};

/// W_1 between the energies of as many samples as test rows. The standard error is a jackknife over groups of both.
class EnergyDistance final : public CloudMetric {
 public:
  using Options = TargetOptions;
  explicit EnergyDistance(const Options& options) : options_(options) {}
  Estimate value(Evaluation& evaluation) const override {
    const Energy energy = target_energy(options_.energy, evaluation, "energy_w1");
    const TwoSamples s = two_samples(evaluation, evaluation.splits().test.rows(), "energy_w1");
    const Tensor model = energy.energy(s.model[0]), data = energy.energy(s.data[0]);
    constexpr int64_t groups = 20;
    const Tensor group = at::arange(s.n, at::kLong).remainder(groups);
    Tensor without = at::empty({groups}, at::kDouble);
    for (int64_t g = 0; g < groups; ++g)
      without[g] = distance(model.masked_select(group != g), data.masked_select(group != g));
    return {distance(model, data), jackknife_error(without), s.n};
  }

 private:
  static double distance(const Tensor& a, const Tensor& b) {
    return (std::get<0>(a.sort()) - std::get<0>(b.sort())).abs().mean().item<double>();
  }
  Options options_;
};

/// The nll less (N - 1) D / 2 ln 2 pi.
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
    const Tensor origin = at::zeros({cloud.particles(), cloud.space_dim()}, at::kDouble);
    return estimate(cloud.log_base_density(origin) - log_density);
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
