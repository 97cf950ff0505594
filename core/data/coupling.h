#pragma once
#include <functional>
#include <memory>

#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// A batch of pairs: row i of x0 goes to row i of x1.
struct Pair {
  State x0, x1;
};

/// What a coupling leaves of the laws of x0 and x1.
enum class Marginals {
  rows,    ///< the rows of both: points change places only
  law,     ///< the rows of x1, and x0 in law: each of its rows stands in one pair on average, but maybe in several
  orbits,  ///< the rows of both up to symmetries of their laws: points change places, and each x1 may be moved by one
  data,    ///< the rows of x0, and x1 in law, which for each x0 is chosen from all rows of the data
  changed  ///< neither law: it says which points become rare
};

/// n draws of the source.
using SourceDraw = std::function<State(int64_t n, Rng& rng)>;

/// Chooses which x0 goes with which x1.
///
/// x1 keeps its condition, the last factor of both where there is one (core/process/condition.h), and x0 stays
/// independent of it: sampling draws x0 without looking at what is given, so that a network which had seen only some x0
/// with a class would be asked about others.
///
/// Laws (tests/conformance/coupling_test.cpp):
///  1. What marginals() states is kept; in any case the pairs are as many, made of the batch's rows of x0 and of x1
///     (for orbits, of images of the latter).
///  2. On average, the pairs that are chosen by their cost cost no more than independent ones.
///  3. The pairs are a function of the batch and the Rng alone; the batch stays as it is.
///  4. Where the law of x0 is kept, it is kept for each condition.
///  5. All of it holds for 0, 1 and 2 rows, and in float32.
class Coupling {
 public:
  virtual ~Coupling() = default;
  virtual Pair couple(Pair independent, Rng& rng) const = 0;
  virtual Marginals marginals() const { return Marginals::rows; }
  /// For couplings that look at more than a batch: what pairs draws of a source with these rows, found once before the
  /// training, from `rng` alone. Null (the default) if there is nothing to prepare. Elsewhere, as on validation rows,
  /// such a coupling pairs the rows of the batch.
  virtual std::shared_ptr<const Coupling> fitted(const SourceDraw&, const State& /*rows*/, Rng&) const {
    return nullptr;
  }
};

}  // namespace genmatch
