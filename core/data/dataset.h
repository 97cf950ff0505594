#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/catalog.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// What a data set is built from.
struct DataContext {
  Spaces spaces;                    ///< of the factors
  std::string folder;               ///< of the experiment file: relative paths are looked up here …
  std::vector<std::string> search;  ///< … and then in these ($GENMATCH_DATA, ./data)
};

/// Points of the product space as rows. float64, CPU.
struct Table {
  State x;                           ///< one [N, *event] per factor
  std::vector<std::string> columns;  ///< names of the coordinates as read, for axes and output
  /// int64 [N]: rows of one group depend on each other, as those of one Markov chain. Undefined: all are independent.
  Tensor group = {};
  int64_t rows() const { return x.empty() ? 0 : x[0].size(0); }
  Table select(const Tensor& rows) const;  ///< int64 indices
};

class Dataset;

/// The rows of one time, of data that have one.
struct Snapshot {
  double time = 0;
  Table train, validation, test;
  State all() const;  ///< train, validation and test
};

/// A number by which users may judge data.
struct Statistic {
  std::string name;
  double value = 0;
  std::optional<double> error = {};     ///< standard error
  std::optional<double> expected = {};  ///< what it is where all is well
};

struct Splits {
  Table train, validation, test;
  int64_t repeated_in_test = 0;  ///< test rows that also stand in train, exactly
  int64_t dropped_duplicates = 0;
  std::vector<std::string> warnings;                ///< for the user
  std::shared_ptr<const Dataset> origin = nullptr;  ///< whose law may be asked for; null where nobody has said
  /// By time, where rows have one; train, validation and test then are those of the last time, once an experiment is
  /// built those of the path's last time.
  std::vector<Snapshot> snapshots = {};
  State train_starts = {}, validation_starts = {};  ///< x0 of each row, where pairs are given; else empty
  std::vector<Statistic> statistics = {};           ///< what is known of the data besides their numbers
};

/// Real or synthetic data on a product space.
/// Laws: 1. every row lies on the space; 2. splits are disjoint, seeded, and cover the data; 3. the same seed gives
/// the same splits on every machine; 4. log_density, where it is known, integrates to one and is that of the rows.
class Dataset {
 public:
  virtual ~Dataset() = default;
  /// Reads or makes the data and splits it. DataError with file:line where the data are at fault.
  virtual Splits load(uint64_t seed) const = 0;
  /// Reads another file in the same format (columns, units), e.g. points whose density is wanted.
  virtual Table read(const std::string& file) const = 0;
  /// All rows in the order in which they are kept, for others to be paired with. Empty (the default) without such
  /// order.
  virtual Table rows() const { return {}; }
  /// Identifies the data: the hash of the file's bytes or of the generating options.
  virtual std::string hash() const = 0;
  /// n fresh rows of the law that the data are drawn from; empty (the default) where there are only the data.
  virtual State fresh(int64_t, Rng&) const { return {}; }
  /// ln of the density that the rows are drawn from, at each row of x, with respect to the measure of the space: [N]
  /// float64, -inf outside the support. Undefined (the default) where it is not known, as of data from a file.
  virtual Tensor log_density(const State&) const { return {}; }
};

}  // namespace genmatch
