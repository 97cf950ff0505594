#pragma once
#include <vector>

#include "core/config/fields.h"
#include "core/process/factor.h"

namespace genmatch {

/// Which coordinates of words are given.
struct KeepOptions {
  std::vector<double> keep;
  void fields(Fields& f);

  /// OptionError unless `keep` is empty, or tells a symbol or -1 for each coordinate of the only factor that moves.
  void check(const Factors& factors) const;
  /// Which coordinates stay as they are: one flag each, empty if none.
  std::vector<char> kept() const;
  /// x with the symbols of `keep` in place.
  State with_kept(const State& x) const;
};

/// How a symbol is drawn from its posterior, and which coordinates are not drawn at all.
struct DrawOptions : KeepOptions {
  double temperature = 1;
  double top_p = 1;
  void fields(Fields& f);
};

}  // namespace genmatch
