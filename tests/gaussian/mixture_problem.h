#pragma once
// A Gaussian mixture in the plane with everything that sampling it along a Gaussian path needs.
#include <memory>
#include <string>
#include <utility>

#include "core/ops.h"
#include "core/process/mixture_oracle.h"
#include "core/process/path.h"
#include "core/solve/sampler.h"
#include "tests/problems/problem.h"

namespace genmatch {

using SchedulePtr = std::shared_ptr<const GaussianSchedule>;

class Straight final : public GaussianSchedule {
 public:
  GaussianCoefficients at(const Tensor& t) const override { return {t, 1 - t, at::ones_like(t), -at::ones_like(t)}; }
};

class Circle final : public GaussianSchedule {
 public:
  GaussianCoefficients at(const Tensor& t) const override {
    const double q = std::acos(-1.) / 2;
    return {(q * t).sin(), (q * t).cos(), q * (q * t).cos(), -q * (q * t).sin()};
  }
};

/// Variance-preserving with beta from 0.1 to 10: it begins with a little of the data.
class VariancePreserving final : public GaussianSchedule {
 public:
  GaussianCoefficients at(const Tensor& t) const override {
    const Tensor s = 1 - t, log_alpha = -0.25 * 9.9 * s.square() - 0.05 * s;
    const Tensor alpha = log_alpha.exp(), sigma = (-at::expm1(2 * log_alpha)).sqrt();
    const Tensor rate = 0.5 * (0.1 + 9.9 * s);
    return {alpha, sigma, rate * alpha, -rate * alpha.square() / keep_from_zero(sigma)};
  }
};

/// Says what its schedule is, which is all that samplers ask a path.
class PathOf final : public Path {
 public:
  explicit PathOf(SchedulePtr schedule) : schedule_(std::move(schedule)) {}
  Tensor sample(const Tensor&, const Tensor&, const Tensor&, Rng&) const override { return {}; }
  Tensor velocity(const Tensor&, const Tensor&, const Tensor&, const Tensor&) const override { return {}; }
  Tensor log_density(const Tensor&, const Tensor&, const Tensor&) const override { return {}; }
  const GaussianSchedule* gaussian() const override { return schedule_.get(); }

 private:
  SchedulePtr schedule_;
};

inline GaussianMixture three_components() {
  const Tensor covariances =
      at::tensor({0.30, 0.10, 0.10, 0.20, 0.10, 0.00, 0.00, 0.40, 0.25, -0.15, -0.15, 0.25}, at::kDouble);
  return {at::tensor({0.5, 0.3, 0.2}, at::kDouble),
          at::tensor({2., 0., -1., 1.5, 0., -2.}, at::kDouble).reshape({3, 2}), covariances.reshape({3, 2, 2})};
}

struct MixtureProblem {
  explicit MixtureProblem(const SchedulePtr& schedule)
      : oracle(std::make_shared<MixtureOracle>(three_components(), schedule)) {
    Factor factor = make_factor("euclidean", 2);
    factor.path = std::make_shared<PathOf>(schedule);
    factors = {factor};
  }
  State start(int64_t n, uint64_t seed = 3) const {
    Rng rng(seed, "mixture/start");
    return {oracle->sample(n, 0, rng, at::kDouble)};
  }
  Factors factors;
  std::shared_ptr<const MixtureOracle> oracle;
};

inline std::shared_ptr<Sampler> make_sampler(const SamplerChoice& process, const Factors& factors,
                                             const std::string& grid = "uniform") {
  const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 50}").make();
  return process.make({factors, chosen<TimeGridChoice>(grid).make(), stepper});
}

}  // namespace genmatch
