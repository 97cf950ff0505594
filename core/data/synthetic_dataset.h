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

/// Points drawn from a known law on R^dim. A run's seed decides the draws and, unless stated otherwise, the split.
class SyntheticDataset : public Dataset {
 public:
  /// OptionError if the space is not R^dim.
  SyntheticDataset(const SyntheticOptions& options, const DataContext& context, int64_t dim);

  Splits load(uint64_t seed) const final;
  Table read(const std::string& file) const final;  ///< a text table of dim columns
  std::string hash() const final;
  Tensor log_density(const State& x) const final;

 private:
  virtual Tensor draw(int64_t n, Rng& rng) const = 0;  ///< [n, dim] float64
  virtual std::string law() const = 0;                 ///< name and parameters, e.g. "moons noise=0.05"
  /// ln of the law's density at x [n, dim] float64: [n]; undefined where it has none or it is not known.
  virtual Tensor log_law(const Tensor& x) const;

  SyntheticOptions options_;
  Spaces spaces_;
  int64_t dim_;
};

}  // namespace genmatch
