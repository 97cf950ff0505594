#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/config/fields.h"
#include "core/data/dataset.h"

namespace genmatch {

/// How rows are shared out. Validation and test get floor(share * N) rows (or blocks) each, training the rest.
struct SplitOptions {
  double validation = 0.1, test = 0.1;
  std::optional<int64_t> seed;    ///< the run's seed unless stated
  std::optional<int64_t> blocks;  ///< runs of neighbouring rows that are shared out whole; single rows unless stated
  void fields(Fields& f);
  void check() const;  ///< OptionError "split" if nothing is left for training
};

/// Splits by a permutation drawn from Rng(seed, "split"), after dropping rows that repeat an earlier one if
/// `deduplicate`; or by one of the blocks, of equal length to a row. Counts test rows that stand in train too, and
/// warns of them. DataError, beginning with `name`, if a share that is not 0 gives no row or block.
Splits split(const Table& all, const SplitOptions& options, bool deduplicate, uint64_t seed, const std::string& name);

/// How many rows of `test` stand in `train` too, exactly.
int64_t count_repeated(const Table& train, const Table& test);

}  // namespace genmatch
