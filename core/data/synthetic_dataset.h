#pragma once
#include <string>

#include "core/config/fields.h"
#include "core/data/dataset.h"
#include "core/data/split.h"
#include "core/rng.h"

namespace genmatch {

/// The options that all synthetic sets have.
struct SyntheticOptions {
  int64_t rows = 10000;
  SplitOptions split;
  void fields(Fields& f);
};

/// Points of a law and the part of it, from 0, that each comes from.
struct Draw {
  Tensor points;  ///< [n, dim] float64
  Tensor label;   ///< int64 [n]; undefined where the law has no parts
};

/// Points drawn from a known law on R^dim. A run's seed decides the draws and, unless stated otherwise, the split. Laws
/// made of several parts say which part each point is of, as its class, if the experiment has a condition for it.
class SyntheticDataset : public Dataset {
 public:
  /// OptionError if the space is not R^dim, alone or with as many `classes` (0: the law has none) as a condition.
  SyntheticDataset(const SyntheticOptions& options, const DataContext& context, int64_t dim, int64_t classes = 0);

  Splits load(uint64_t seed) const final;
  Table read(const std::string& file) const final;  ///< a text table of dim columns, and the class if there is one
  std::string hash() const final;
  State fresh(int64_t n, Rng& rng) const final;
  Tensor log_density(const State& x) const final;

 private:
  virtual Draw draw(int64_t n, Rng& rng) const = 0;
  virtual std::string law() const = 0;  ///< name and parameters, e.g. "moons noise=0.05"
  /// ln of the law's density at x [n, dim] float64: [n]; undefined where it has none or it is not known.
  virtual Tensor log_law(const Tensor& x) const;
  /// The same of the part that each point is of, label int64 [n].
  virtual Tensor log_law_given(const Tensor& x, const Tensor& label) const;
  bool labelled() const { return spaces_.size() > 1; }

  SyntheticOptions options_;
  Spaces spaces_;
  int64_t dim_;
};

}  // namespace genmatch
