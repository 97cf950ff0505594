#pragma once
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/statistics/importance.h"

namespace genmatch {

/// What is measured of one cloud of particles.
class CloudMetric : public Metric {
 public:
  void check(const Spaces& spaces) const final {
    if (spaces.size() != 1) throw OptionError("", "measures one factor");
    as_point_cloud(*spaces[0], "this metric");
  }
};

struct TargetOptions {
  EnergyOptions energy;
  void fields(Fields& f) { f("energy", energy, "of the target; that of the data unless stated"); }
};

struct BootstrapOptions : TargetOptions {
  int64_t resamples = 200;
  void fields(Fields& f) {
    TargetOptions::fields(f);
    f("resamples", resamples, "of the bootstrap for the standard error", at_least(2));
  }
};

/// What is measured of one cloud with respect to an energy.
class TargetMetric : public CloudMetric {
 public:
  void check_data(const Spaces& spaces, const FigureContext& context) const override {
    target_energy(target_, spaces, context, name_);
  }

 protected:
  /// `name` is the metric's, for messages.
  TargetMetric(const EnergyOptions& target, const char* name) : target_(target), name_(name) {}
  Energy target(const Evaluation& evaluation) const { return target_energy(target_, evaluation, name_); }
  const char* name() const { return name_; }

 private:
  EnergyOptions target_;
  const char* name_;
};

}  // namespace genmatch
