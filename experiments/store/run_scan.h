#pragma once
// What the index takes from a run's folder.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/config/node.h"
#include "experiments/store/run_folder.h"

namespace genmatch {

/// Options as they would be set: "model.width" -> "64", the items of lists by their index; in the order written. Null,
/// empty lists and maps are "null", "[]" and "{}".
using FlatOptions = std::vector<std::pair<std::string, std::string>>;
FlatOptions flat_options(const Node& resolved);
/// Those of a run's resolved.yaml. IoError if it is missing or damaged.
FlatOptions flat_options(const RunFolder& folder);

/// A run as the index holds it.
struct ScannedRun {
  std::string stamp;  ///< run_stamp() before anything was read
  RunRecord record;
  FlatOptions options;
  std::string result;  ///< result.json of a finished run, else ""
};

/// Changes whenever a run's record or result do: times of writing and sizes. Empty if the folder holds no run.
std::string run_stamp(const std::string& folder);

/// Reads a run. Nothing if there is none, or not yet, or not any more, or its record or options are damaged: other
/// processes make and delete folders meanwhile.
std::optional<ScannedRun> scan_run(const std::string& folder);

/// The folders with runs below a root, relative to it, with their stamps. Hidden folders and symbolic links are left
/// out; there are no runs within runs.
std::map<std::string, std::string> scan_root(const std::string& root);

}  // namespace genmatch
