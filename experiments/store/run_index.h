#pragma once
// A table of the runs below a folder, so that they are found again without opening each. What counts are the run
// folders: the index can be made anew from them at any time.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/store/result.h"
#include "experiments/store/run_folder.h"

namespace genmatch {

struct IndexedRun {
  std::string path;  ///< as given by the root: "runs/quickstart/2026-01-02T030405-0"
  RunRecord record;
  std::optional<Result> result;  ///< of a finished run
};

/// What to look for; everything stated must hold.
struct RunFilter {
  std::string name, variant;         ///< "*" stands for any characters
  std::string status;                ///< running | finished | interrupted | failed | killed
  std::vector<std::string> options;  ///< "model.width=64", of the resolved file
  std::string since, until;          ///< begin of a time of creation, "2026-01-02" or "2026-01-02T03"
  std::string key, training_key;     ///< of run_key.h
};

/// The index of the runs below a root folder, `<root>/index.sqlite`. Several processes may read and write it at once;
/// changes are made in one transaction each. A missing or damaged file is made anew; IoError if that fails, or if it is
/// another program's database.
class RunIndex {
 public:
  /// Opens the index, making it if need be. The folder must exist.
  explicit RunIndex(const std::string& root);
  ~RunIndex();
  RunIndex(RunIndex&&) noexcept;

  /// Records a run, from its folder, as it is now; forgets it if it is gone. ContractError for a folder elsewhere.
  void put(const std::string& folder);
  /// Brings every row up to date with the folders: reads those that are new or have changed, forgets those that
  /// are gone. Cheap where nothing has changed.
  void synchronise();
  /// Forgets everything and reads all the folders.
  void rebuild();
  /// The runs that match, the latest first; the status is that of RunFolder::status(). ConfigError if the filter makes
  /// no sense (an option without "=", a date that is none).
  std::vector<IndexedRun> find(const RunFilter& filter) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The root that a run's folder belongs to: the nearest folder above it that holds an index, else `runs` of the working
/// directory if it lies in there; none for a run that was put elsewhere.
std::optional<std::string> index_root(const std::string& run_folder);

/// Records a run in the index that it belongs to, if any. What goes wrong costs the row, which the next
/// synchronise() makes good, and never the run.
void record_in_index(const std::string& run_folder);

}  // namespace genmatch
