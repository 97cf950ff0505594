#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/errors.h"

namespace genmatch {

/// What a test builds data sets from.
struct DatasetCase {
  Spaces spaces;
  std::shared_ptr<Dataset> dataset;
};

/// {space: sphere, data: {type: csv, …}}; several spaces as a list. Relative files start at `folder`. ConfigError.
DatasetCase make_dataset(const std::string& yaml, const std::string& folder, std::vector<std::string> search = {});

/// A folder that is removed with what is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  /// Writes a file into it; returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

/// The text of the error that `action` throws; "no error" if none.
template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace genmatch
