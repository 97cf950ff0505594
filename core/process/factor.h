#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/config/catalog.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// One kind of generator with its share in the superposition of a factor.
struct WeightedGenerator {
  std::shared_ptr<const ConditionalGenerator> generator;
  double weight = 1;
};

/// One factor of a product space with the process that runs on it. On a manifold of dimension zero it is
/// a condition, which does not move (core/process/condition.h).
struct Factor {
  std::string name;
  SpacePtr space;
  SourcePtr source;
  PathPtr path;
  std::vector<WeightedGenerator> generators;
  double withheld = 0;  ///< of a condition: the share of training rows that do not see it
  /// Where the space falls apart: points [N, *event] whose components samples have, each as likely; undefined: that of
  /// Space::sample.
  Tensor components = {};
  bool moves() const;
};
using Factors = std::vector<Factor>;

Spaces spaces(const Factors& factors);
/// Those that move, and their share of a state; conditions stand last.
Factors moving(const Factors& factors);
State moving(const Factors& factors, const State& x);

/// Refuses (OptionError "generators") weights that do not keep p_t: those of kinds that carry it must sum to one,
/// those that preserve it be >= 0.
void check_weights(const Factor& factor);

/// x0 ~ source, per factor: [n, *event]; of a condition, what is given.
State sample_source(const Factors& factors, int64_t n, Rng& rng, const at::TensorOptions& like);
/// One x0 for each row of x1, in its components.
State sample_source_for(const Factors& factors, const State& x1, Rng& rng);
/// Sum over the factors that move of the source's log-density: [B].
Tensor source_log_density(const Factors& factors, const State& x);
/// x_t per factor.
State sample_path(const Factors& factors, const State& x0, const State& x1, const Tensor& t, Rng& rng);

}  // namespace genmatch
