#pragma once
#include "core/config/catalog.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// The law of the times that training looks at. Rows are not reweighted for it: a density w(t) of times weights the
/// loss with w(t).
/// Laws (tests/conformance/time_distribution_test.cpp): 1. quantile rises, and stays in [0, 1]; 2. draws are below 1,
/// also in float32, and follow the quantiles.
class TimeDistribution {
 public:
  virtual ~TimeDistribution() = default;
  /// The time below which the share u of the times lies; float64.
  virtual Tensor quantile(const Tensor& u) const = 0;
  /// [rows] in [0, 1). The default draws one from each of `rows` intervals of equal probability.
  virtual Tensor draw(int64_t rows, Rng& rng, const at::TensorOptions& like) const;
};

/// [rows] in [0, 1), each uniform in one of `rows` equal intervals.
Tensor stratified_times(int64_t rows, Rng& rng, const at::TensorOptions& like);

}  // namespace genmatch
