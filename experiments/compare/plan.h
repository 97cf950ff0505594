#pragma once
// From what is asked to be compared to single runs, and from what has been run to a table.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiments/compare/comparison.h"
#include "experiments/compare/study.h"
#include "experiments/store/run_index.h"
#include "experiments/store/run_key.h"

namespace genmatch {

/// One run that a comparison needs.
struct PlannedRun {
  const Study* study = nullptr;
  const Variant* variant = nullptr;
  uint64_t seed = 0;
  std::string row;    ///< label of the table's row it belongs to
  std::string label;  ///< "wide, seed 1"
  RunKeys keys;
};

/// What of the studies is wanted.
struct Selection {
  std::vector<std::string> only;  ///< variants by name or slug; all if empty
  std::vector<uint64_t> seeds;    ///< those of the files if empty
};

/// All runs, in the order of rows and then seeds. The data are looked up and hashed, not yet checked. ConfigError if
/// `only` names what no file has, or two files ask for rows of the same label; DataError or ConfigError if data are
/// missing.
std::vector<PlannedRun> plan_runs(const std::vector<Study>& studies, const Selection& selection,
                                  const Catalog& catalog);

/// `--seeds`: "3" is a count from 0 on, "0,4,7" a list. ConfigError if it is neither.
std::vector<uint64_t> parse_seeds(const std::string& text);

/// The finished runs in an index by their key, the latest of each.
std::map<std::string, IndexedRun> finished_runs(const RunIndex& index);

/// The table of those planned runs that are finished.
Comparison tabulate(const std::vector<PlannedRun>& plan, const std::vector<Study>& studies,
                    const std::map<std::string, IndexedRun>& finished);

}  // namespace genmatch
