#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/process/coefficients.h"
#include "core/tensor.h"

namespace genmatch {

/// A generator's value at a batch of points with the derivative of its drift along some directions.
struct Linearised {
  std::vector<Coefficients> value;  ///< per factor
  State derivative;                 ///< per factor [K, B, *event]: D_z drift, coordinate-wise; undefined as the drift
};

/// A time-dependent generator of a Markov process on a product space. x is one [B, *event] per factor, t is [B].
/// Law: along() agrees with finite differences of at().
class Generator {
 public:
  virtual ~Generator() = default;
  virtual std::vector<Coefficients> at(const State& x, const Tensor& t) const = 0;
  /// at(), and the derivative of the drift along directions [K, B, *event] (all factors moving together). The
  /// default differentiates at() by autograd, twice in reverse mode, and returns no graph.
  virtual Linearised along(const State& x, const Tensor& t, const State& directions) const;
  /// The part that carries p_t, without kinds that only preserve it: what has the likelihood. Null (the default) if
  /// that is all of it.
  virtual std::shared_ptr<const Generator> carrying_part() const { return nullptr; }
};

using GeneratorPtr = std::shared_ptr<const Generator>;

/// The drift of a flow at (x, t), per factor; zeros where there is none. ContractError naming `who` if the generator
/// has a variance or jump rates, or is not one on as many factors as x has.
State flow_velocity(const Generator& flow, const State& x, const Tensor& t, const std::string& who);

/// a*G1 + b*G2 + …: superposition, guidance and predictor–corrector alike. ContractError for no terms, and from at()
/// for terms on different factors.
class Superposition final : public Generator {
 public:
  explicit Superposition(std::vector<std::pair<double, GeneratorPtr>> terms);
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;
  Linearised along(const State& x, const Tensor& t, const State& directions) const override;

 private:
  std::vector<std::pair<double, GeneratorPtr>> terms_;
};

}  // namespace genmatch
