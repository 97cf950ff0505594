#pragma once
#include <string>

#include "core/config/fields.h"
#include "core/data/dataset.h"
#include "core/data/split.h"
#include "core/rng.h"

namespace genmatch {

/// The options that all synthetic sets have.
struct PlaneOptions {
  int64_t rows = 10000;
  SplitOptions split;
  void fields(Fields& f);
};

/// Points drawn from a known law on R^2. A run's seed decides the draws and, unless stated otherwise, the split.
class PlaneDataset : public Dataset {
 public:
  /// OptionError if the space is not R^2.
  PlaneDataset(const PlaneOptions& options, const DataContext& context);

  Splits load(uint64_t seed) const final;
  Table read(const std::string& file) const final;  ///< a text table of two columns
  std::string hash() const final;

 private:
  virtual Tensor draw(int64_t n, Rng& rng) const = 0;  ///< [n, 2] float64
  virtual std::string law() const = 0;                 ///< name and parameters, e.g. "moons noise=0.05"

  PlaneOptions options_;
  Spaces spaces_;
};

}  // namespace genmatch
