#pragma once
#include <string>
#include <vector>

#include "core/gaussian/prediction.h"
#include "core/process/factor.h"
#include "core/process/generator.h"

namespace genmatch {

/// The schedule of each factor's path, null for a condition. OptionError naming the factor and `who` unless the paths
/// of all that move are Gaussian.
std::vector<const GaussianSchedule*> gaussian_schedules(const Factors& factors, const std::string& who);

/// A probability flow on factors with Gaussian paths, read as whatever prediction is wanted.
class GaussianFlow {
 public:
  /// OptionError as gaussian_schedules; ContractError without a generator.
  GaussianFlow(GeneratorPtr flow, Factors factors, const std::string& who);
  const Factors& factors() const { return factors_; }
  bool moves(std::size_t factor) const { return schedules_[factor] != nullptr; }
  const GaussianSchedule& schedule(std::size_t factor) const { return *schedules_[factor]; }
  /// The drift per factor, zeros where there is none. ContractError if the generator is not a flow on the factors.
  State velocity(const State& x, const Tensor& t) const;
  /// What a velocity of one factor says about `wanted`.
  Tensor read(Prediction wanted, std::size_t factor, const Tensor& x, const Tensor& t, const Tensor& velocity) const;
  /// Per factor; zeros for a condition.
  State predict(Prediction wanted, const State& x, const Tensor& t) const;

 private:
  GeneratorPtr flow_;
  Factors factors_;
  std::vector<const GaussianSchedule*> schedules_;
};

}  // namespace genmatch
