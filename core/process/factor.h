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

/// One factor of a product space with the process that runs on it.
struct Factor {
  std::string name;
  SpacePtr space;
  SourcePtr source;
  PathPtr path;
  std::vector<WeightedGenerator> generators;
};
using Factors = std::vector<Factor>;

Spaces spaces(const Factors& factors);

/// Refuses (OptionError "generators") weights that do not keep p_t: those of kinds that carry it must sum to one,
/// those that preserve it be >= 0.
void check_weights(const Factor& factor);

/// x0 ~ source, per factor: [n, *event].
State sample_source(const Factors& factors, int64_t n, Rng& rng, const at::TensorOptions& like);
/// Sum over factors of the source's log-density: [B].
Tensor source_log_density(const Factors& factors, const State& x);
/// x_t per factor.
State sample_path(const Factors& factors, const State& x0, const State& x1, const Tensor& t, Rng& rng);

}  // namespace genmatch
