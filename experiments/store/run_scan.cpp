#include "experiments/store/run_scan.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "core/errors.h"
#include "experiments/store/result.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

void flatten(const Node& node, const std::string& key, FlatOptions& all) {
  const auto below = [&](const std::string& name) { return key.empty() ? name : key + "." + name; };
  for (const Node::Entry& e : node.entries) flatten(e.value, below(e.key), all);
  for (std::size_t i = 0; i < node.items.size(); ++i) flatten(node.items[i], below(std::to_string(i)), all);
  if (!node.entries.empty() || !node.items.empty() || key.empty()) return;
  switch (node.kind) {
    case Node::Kind::null:
      all.emplace_back(key, "null");
      break;
    case Node::Kind::list:
      all.emplace_back(key, "[]");
      break;
    case Node::Kind::map:
      all.emplace_back(key, "{}");
      break;
    case Node::Kind::scalar:
      all.emplace_back(key, node.text);
      break;
  }
}

std::string file_stamp(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return "";
  return fmt::format("{}.{:09}:{}", s.st_mtim.tv_sec, s.st_mtim.tv_nsec, s.st_size);
}

void scan_below(const fs::path& folder, const std::string& relative, int depth,
                std::map<std::string, std::string>& found) {
  constexpr int deepest = 8;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code gone;
    if (name.front() == '.' || entry->is_symlink(gone) || !entry->is_directory(gone)) continue;
    const std::string below = (fs::path(relative) / name).string();
    const std::string stamp = run_stamp(entry->path().string());
    if (!stamp.empty())
      found[below] = stamp;
    else if (depth < deepest)
      scan_below(entry->path(), below, depth + 1, found);
  }
}

}  // namespace

FlatOptions flat_options(const Node& resolved) {
  FlatOptions all;
  flatten(resolved, "", all);
  return all;
}

FlatOptions flat_options(const RunFolder& folder) {
  Problems problems;
  const Node resolved = parse_yaml(folder.resolved_yaml(), folder.file("resolved.yaml"), problems);
  if (!problems.empty()) throw IoError(problems.lines().front() + " (the run's options are damaged)");
  return flat_options(resolved);
}

std::string run_stamp(const std::string& folder) {
  const std::string record = file_stamp(folder + "/run.json");
  return record.empty() ? "" : record + " " + file_stamp(folder + "/result.json");
}

std::optional<ScannedRun> scan_run(const std::string& folder) {
  try {
    const std::string stamp = run_stamp(folder);
    if (stamp.empty()) return std::nullopt;
    const RunFolder run = RunFolder::open(folder, false);
    ScannedRun scanned{stamp, run.record(), flat_options(run), ""};
    if (!run.finished()) return scanned;
    const std::string path = run.file("result.json"), text = read_text(path);
    try {
      parse_result(text, path);
      scanned.result = text;
    } catch (const IoError&) {  // costs the numbers, not the row
    }
    return scanned;
  } catch (const IoError&) {
    return std::nullopt;
  } catch (const fs::filesystem_error&) {
    return std::nullopt;
  }
}

std::map<std::string, std::string> scan_root(const std::string& root) {
  std::map<std::string, std::string> found;
  scan_below(root, "", 1, found);
  return found;
}

}  // namespace genmatch
