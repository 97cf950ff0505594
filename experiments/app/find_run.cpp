#include "experiments/app/find_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "core/errors.h"
#include "experiments/store/run_index.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

constexpr const char* root = "runs";

bool begins_or_ends(const std::string& path, const std::string& part) {
  if (part.empty() || part.size() > path.size()) return false;
  return path.compare(0, part.size(), part) == 0 || path.compare(path.size() - part.size(), part.size(), part) == 0;
}

}  // namespace

std::string find_run(const std::string& name) {
  if (fs::is_directory(name)) return name;
  std::vector<std::string> found;
  if (fs::is_directory(root)) {
    RunIndex index(root);
    index.synchronise();
    for (const IndexedRun& run : index.find({}))
      if (begins_or_ends(fs::path(run.path).lexically_relative(root).string(), name)) found.push_back(run.path);
  }
  if (found.empty()) throw IoError(name + ": no such run; `genmatch runs` lists those there are");
  if (found.size() > 1)
    throw ConfigError(fmt::format("{}: is more than one run; write more of the path of one of:\n  {}", name,
                                  fmt::join(found, "\n  ")));
  return found.front();
}

}  // namespace genmatch
