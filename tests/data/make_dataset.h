#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/errors.h"
#include "tests/temporary_folder.h"

namespace genmatch {

/// What a test builds data sets from.
struct DatasetCase {
  Spaces spaces;
  std::shared_ptr<Dataset> dataset;
};

/// {space: sphere, data: {type: csv, …}}; several spaces as a list. Relative files start at `folder`. ConfigError.
DatasetCase make_dataset(const std::string& yaml, const std::string& folder, std::vector<std::string> search = {});

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
