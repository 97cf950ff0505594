#include <fmt/format.h>

#include <filesystem>
#include <regex>

#include "core/errors.h"
#include "core/learn/checkpoint.h"

namespace genmatch {

namespace fs = std::filesystem;

CheckpointStore::CheckpointStore(std::string folder) : folder_(std::move(folder)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error || !fs::is_directory(folder_, error))
    throw IoError(folder_ + ": cannot be made: " + (error ? error.message() : "something else has this name"));
}

std::string CheckpointStore::path(int64_t step) const {
  return (fs::path(folder_) / fmt::format("step-{:08d}.safetensors", step)).string();
}

std::map<int64_t, std::string> CheckpointStore::files() const {
  static const std::regex pattern("step-([0-9]{8,18})\\.safetensors");
  std::map<int64_t, std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    std::smatch match;
    const std::string name = it->path().filename().string();
    if (std::regex_match(name, match, pattern)) found[std::stoll(match[1])] = it->path().string();
  }
  if (error) throw IoError(folder_ + ": cannot be listed: " + error.message());
  return found;
}

void CheckpointStore::save(int64_t step, const Checkpoint& checkpoint) const {
  save_checkpoint(path(step), checkpoint);
  constexpr std::size_t kKept = 2;
  std::map<int64_t, std::string> older = files();
  older.erase(older.upper_bound(step), older.end());  // newer ones were found damaged, or this one would not be made
  while (older.size() > kKept) {
    std::error_code ignored;  // one file too many does no harm
    fs::remove(older.begin()->second, ignored);
    older.erase(older.begin());
  }
}

std::optional<Checkpoint> CheckpointStore::latest(std::string* warning) const {
  const std::map<int64_t, std::string> all = files();
  std::string damage;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    try {
      Checkpoint checkpoint = load_checkpoint(it->second);
      if (warning != nullptr && !damage.empty()) *warning = damage + "; going on from " + it->second;
      return checkpoint;
    } catch (const IoError& e) {
      damage += (damage.empty() ? "" : "\n") + std::string(e.what());
    }
  }
  if (!all.empty()) throw IoError(damage + "\nno checkpoint of " + folder_ + " is whole; start the run anew");
  return std::nullopt;
}

}  // namespace genmatch
