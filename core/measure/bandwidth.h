#pragma once
#include <vector>

#include "core/config/fields.h"
#include "core/data/dataset.h"

namespace genmatch {

struct BandwidthOptions {
  std::vector<double> concentrations{1, 1e7};
  int64_t grid = 12;
  std::vector<double> uniform_weights{0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};
  int64_t rows = 1000;
  void fields(Fields& f);
  /// OptionError "concentrations" unless they are a range.
  void check() const;
};

/// What a kernel density estimate over the train rows leaves open.
struct Bandwidth {
  std::vector<double> concentrations;  ///< of the kernel, per factor
  double uniform_weight = 0;           ///< share of the uniform density; 0 unless all spaces are compact
};

/// The bandwidth under which validation rows are most likely; without validation rows, train rows of which each
/// leaves itself out. A scan over a logarithmic grid, all factors together and then one by one, refined by Brent's
/// method. Needs a train row.
Bandwidth choose_bandwidth(const BandwidthOptions& options, const Spaces& spaces, const Splits& splits);

}  // namespace genmatch
