#pragma once
#include "core/config/catalog.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

class ConditionalGenerator;
class Model;
struct Pair;

/// What training minimises. A loss is built for the factors of an experiment and refuses (OptionError) those that it
/// does not fit.
class Loss {
 public:
  virtual ~Loss() = default;
  /// Per row of a batch of pairs, [B]; t [B] are times for losses that look at the path in between. Differentiable in
  /// the model's parameters.
  virtual Tensor of(const Factors& factors, const Model& model, const Pair& pair, const Tensor& t, Rng& rng) const = 0;
};

/// One kind on one factor of a batch: pairs (x0, x1), points xt at times t, and the network's raw output for them
/// [B, head().size].
struct LossTerm {
  const Factor& factor;
  const ConditionalGenerator& generator;
  const Tensor &xt, &t, &x0, &x1, &output;
};

/// A sum over the kinds of all factors, each at one point of the path: no equation is solved in training.
/// Laws (tests/conformance/loss_test.cpp): 1. at() >= 0, finite in float32 at both ends of time; 2. its mean over the
/// data given xt is least at the posterior mean of the output's conditional value.
class MatchingLoss : public Loss {
 public:
  /// ContractError if no factor has a generator.
  Tensor of(const Factors& factors, const Model& model, const Pair& pair, const Tensor& t, Rng& rng) const final;
  virtual Tensor at(const LossTerm& term) const = 0;  ///< [B]
};

}  // namespace genmatch
