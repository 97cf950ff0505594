#include "core/solve/time_grid.h"

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/gaussian/unit_times.h"
#include "core/ops.h"
#include "core/process/gaussian_flow.h"

namespace genmatch {
namespace {

class Uniform final : public TimeGrid {
 public:
  using Options = NoOptions;
  explicit Uniform(const Options&) {}
  std::vector<double> times(int64_t steps, const Factors&) const override {
    std::vector<double> times;
    for (int64_t i = 0; i <= steps; ++i) times.push_back(static_cast<double>(i) / static_cast<double>(steps));
    return times;
  }
  bool uniform() const override { return true; }
};

class Quadratic final : public TimeGrid {
 public:
  using Options = NoOptions;
  explicit Quadratic(const Options&) {}
  std::vector<double> times(int64_t steps, const Factors&) const override {
    std::vector<double> times;
    for (int64_t i = 0; i <= steps; ++i) {
      const double rest = static_cast<double>(steps - i) / static_cast<double>(steps);
      times.push_back(1 - rest * rest);
    }
    return times;
  }
};

/// Even steps of some function of the noise ratio sigma / alpha. Ratios beyond the schedule's own are cut off; the
/// first step begins at t = 0 and the last ends at t = 1, whatever the ratio there.
class NoiseRatio : public TimeGrid {
 public:
  struct Options {
    double smallest = 0.002, largest = 80;
    void fields(Fields& f) {
      f("smallest", smallest, "sigma / alpha where the last step begins", above(0));
      f("largest", largest, "sigma / alpha where the first step begins", above(0));
    }
  };
  explicit NoiseRatio(const Options& options) : options_(options) {
    if (!(options.largest > options.smallest)) throw OptionError("largest", "a number above `smallest` expected");
  }

  std::vector<double> times(int64_t steps, const Factors& factors) const override {
    const GaussianSchedule& schedule = *gaussian_schedules(factors, "this time grid").front();
    const auto ratio = [&](double t) {
      return std::exp(-0.5 * schedule.log_snr(at::full({1}, t, at::kDouble)).item<double>());
    };
    const double from = std::min(options_.largest, ratio(0)), to = std::max(options_.smallest, ratio(1));
    if (!(from > to)) throw OptionError("smallest", "the schedule has no sigma / alpha between the two");
    const auto last = static_cast<double>(ratio(1) < options_.smallest ? steps - 1 : steps);  // the index of `to`
    std::vector<double> times{0};
    for (int64_t i = 1; i < steps; ++i) {
      const double part = static_cast<double>(i) / last;
      const double at_ratio = inverse((1 - part) * even(from) + part * even(to));
      times.push_back(schedule.time_of(at::full({1}, -2 * std::log(at_ratio), at::kDouble)).item<double>());
    }
    times.push_back(1);
    return times;
  }

 private:
  virtual double even(double ratio) const = 0;
  virtual double inverse(double value) const = 0;
  Options options_;
};

class LogSnr final : public NoiseRatio {
 public:
  using NoiseRatio::NoiseRatio;

 private:
  double even(double ratio) const override { return std::log(ratio); }
  double inverse(double value) const override { return std::exp(value); }
};

class Edm final : public NoiseRatio {
 public:
  struct Options {
    NoiseRatio::Options ratios;
    double rho = 7;
    void fields(Fields& f) {
      f("rho", rho, "steps are even in the noise ratio to the power 1 / rho", above(0));
      ratios.fields(f);
    }
  };
  explicit Edm(const Options& options) : NoiseRatio(options.ratios), rho_(options.rho) {}

 private:
  double even(double ratio) const override { return std::pow(ratio, 1 / rho_); }
  double inverse(double value) const override { return std::pow(value, rho_); }
  double rho_;
};

class List final : public TimeGrid {
 public:
  struct Options {
    std::vector<double> times;
    void fields(Fields& f) {
      f("times", times, "strictly increasing from 0 to 1; their number is that of the steps plus one",
        required & not_empty());
    }
  };
  explicit List(const Options& options) : times_(options.times) { check_unit_times(times_); }
  std::vector<double> times(int64_t, const Factors&) const override { return times_; }

 private:
  std::vector<double> times_;
};

class OnGrid final : public Stepper {
 public:
  OnGrid(std::shared_ptr<const Stepper> stepper, std::vector<double> times)
      : stepper_(std::move(stepper)), times_(std::move(times)) {}
  Step step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t, const Tensor& dt,
            const State& slope, Rng& rng) const override {
    return stepper_->step(generator, spaces, x, t, dt, slope, rng);
  }
  int order() const override { return stepper_->order(); }
  int64_t steps() const override { return static_cast<int64_t>(times_.size()) - 1; }
  std::vector<double> times(double from, double to) const override {
    std::vector<double> between{from};
    for (const double t : times_)
      if (t > std::min(from, to) && t < std::max(from, to)) between.push_back(t);
    if (to < from) std::reverse(between.begin() + 1, between.end());
    between.push_back(to);
    return between;
  }

 private:
  std::shared_ptr<const Stepper> stepper_;
  std::vector<double> times_;
};

}  // namespace

std::shared_ptr<const Stepper> on_grid(std::shared_ptr<const Stepper> stepper, const TimeGrid& grid,
                                       const Factors& factors) {
  if (grid.uniform()) return stepper;
  if (stepper->adaptive())
    throw OptionError("",
                      "an adaptive stepper chooses its own steps; leave the grid out, or use euler, heun, rk4, ...");
  std::vector<double> times = grid.times(stepper->steps(), factors);
  return std::make_shared<OnGrid>(std::move(stepper), std::move(times));
}

void add_time_grids(Catalog& c) {
  auto& r = c.time_grids;
  r.add<Uniform>("uniform", {"steps of equal length", ""});
  r.add<Quadratic>("quadratic", {"1 - t falls as a square: shorter steps near the data", "Song et al. 2021"});
  r.add<Edm>("edm", {"even in (sigma / alpha)^(1 / rho)", "Karras et al. 2022, arXiv 2206.00364, eq. 5"});
  r.add<LogSnr>("log_snr", {"even in the logarithm of alpha / sigma", "Lu et al. 2022, arXiv 2206.00927"});
  r.add<List>("list", {"the times that are given", ""});
}

}  // namespace genmatch
