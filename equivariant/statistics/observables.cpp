#include <algorithm>
#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/statistics/cloud_metric.h"

namespace genmatch {
namespace {

const Table& test_table(const Evaluation& evaluation, const char* who) {
  const Table& test = evaluation.splits().test;
  if (test.rows() == 0) throw DataError(std::string(who) + ": there are no test rows; give data.split.test a share");
  return test;
}

/// The mean under the target, by weighted samples, of a number of each cloud; beside it that of the test rows.
class Observable : public TargetMetric {
 public:
  using Options = BootstrapOptions;
  Better better() const override { return Better::neither; }

  Estimate value(Evaluation& evaluation) const final {
    const Energy energy = target(evaluation);
    Rng rng(evaluation.seed(), name());
    const Tensor log_weight = log_importance(evaluation, energy, name());
    const Tensor values = of_clouds(evaluation.samples()[0], energy);
    return variance_ ? weighted_variance(log_weight, values, resamples_, rng)
                     : weighted_mean(log_weight, values, resamples_, rng);
  }

  std::map<std::string, Estimate> beside(Evaluation& evaluation) const final {
    const Table& test = test_table(evaluation, name());
    const Tensor values = of_clouds(test.x[0], target(evaluation));
    return {{"data", estimate(variance_ ? (values - values.mean()).square() : values, test.group)}};
  }

 protected:
  Observable(const Options& options, const char* name, bool variance = false)
      : TargetMetric(options.energy, name), resamples_(options.resamples), variance_(variance) {}

 private:
  virtual Tensor of_clouds(const Tensor& x, const Energy& energy) const = 0;  // [n]
  int64_t resamples_;
  bool variance_;
};

class MeanEnergy final : public Observable {
 public:
  explicit MeanEnergy(const Options& options) : Observable(options, "mean_energy") {}

 private:
  Tensor of_clouds(const Tensor& x, const Energy& energy) const override { return energy.energy(x); }
};

class EnergyVariance final : public Observable {
 public:
  explicit EnergyVariance(const Options& options) : Observable(options, "energy_variance", true) {}

 private:
  Tensor of_clouds(const Tensor& x, const Energy& energy) const override { return energy.energy(x); }
};

class SquaredRadius final : public Observable {
 public:
  explicit SquaredRadius(const Options& options) : Observable(options, "squared_radius") {}

 private:
  Tensor of_clouds(const Tensor& x, const Energy&) const override {
    return PointCloud::centred(x).square().sum(-1).mean(-1);
  }
};

class FreeEnergyDifference final : public TargetMetric {
 public:
  struct Options : BootstrapOptions {
    EnergyOptions to;
    void fields(Fields& f) {
      BootstrapOptions::fields(f);
      f("to", to, "the energy B of F_B - F_A; A is `energy`");
    }
  };
  explicit FreeEnergyDifference(const Options& options)
      : TargetMetric(options.energy, "free_energy_difference"), to_(options.to), resamples_(options.resamples) {
    if (!to_.stated()) throw OptionError("to", "which energy? write e.g. to: {potential: lennard_jones, factor: 1.5}");
  }
  Better better() const override { return Better::neither; }
  void check_data(const Spaces& spaces, const FigureContext& context) const override {
    TargetMetric::check_data(spaces, context);
    target_energy(to_, spaces, context, name());
  }

  Estimate value(Evaluation& evaluation) const override {
    Rng rng(evaluation.seed(), name());
    const Tensor log_weight = log_importance(evaluation, target(evaluation), name());
    return free_energy_difference(log_weight, log_ratio(evaluation, evaluation.samples()[0]), resamples_, rng);
  }

  std::map<std::string, Estimate> beside(Evaluation& evaluation) const override {
    const Table& test = test_table(evaluation, name());
    const Tensor log_r = log_ratio(evaluation, test.x[0]), largest = log_r.max();
    const Estimate mean = estimate((log_r - largest).exp(), test.group);
    return {{"data", {-std::log(mean.mean) - largest.item<double>(), mean.sem / mean.mean, mean.n}}};
  }

 private:
  Tensor log_ratio(const Evaluation& evaluation, const Tensor& x) const {
    return target(evaluation).energy(x) - target_energy(to_, evaluation, name()).energy(x);
  }
  EnergyOptions to_;
  int64_t resamples_;
};

}  // namespace

void add_observables(Catalog& c) {
  const std::string by = ", by weighted samples, with a bootstrap standard error; beside it that of the test rows";
  c.metrics.add<MeanEnergy>("mean_energy", {"mean energy of the target" + by, "Noé et al. 2019, arXiv 1812.01729"});
  c.metrics.add<EnergyVariance>("energy_variance",
                                {"variance of the energy, which is the heat capacity of the potential energy in units "
                                 "of Boltzmann's constant" +
                                     by,
                                 ""});
  c.metrics.add<SquaredRadius>("squared_radius", {"mean squared distance of particles from their mean" + by, ""});
  c.metrics.add<FreeEnergyDifference>(
      "free_energy_difference", {"F_B - F_A = -ln (Z_B / Z_A) between two energies" + by,
                                 "Zwanzig 1954, doi:10.1063/1.1740409; Wirnsberger et al. 2020, arXiv 2002.04913"});
}

}  // namespace genmatch
