#include "experiments/store/run_index.h"

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <filesystem>

#include "core/errors.h"
#include "experiments/store/index_database.h"
#include "experiments/store/run_query.h"
#include "experiments/store/run_scan.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

constexpr const char* file_name = "index.sqlite";

void forget(SQLite::Database& database, const std::string& folder) {
  SQLite::Statement statement(database, "DELETE FROM runs WHERE folder = ?");
  statement.bind(1, folder);
  statement.exec();
}

void insert_options(SQLite::Database& database, int64_t run, const FlatOptions& options) {
  SQLite::Statement statement(database, "INSERT OR REPLACE INTO options VALUES (?, ?, ?, ?)");
  for (const auto& [key, value] : options) {
    statement.bind(1, run);
    statement.bind(2, key);
    statement.bind(3, value);
    if (const auto number = as_number(value))
      statement.bind(4, *number);
    else
      statement.bind(4);
    statement.exec();
    statement.reset();
  }
}

void insert(SQLite::Database& database, const std::string& folder, const ScannedRun& run) {
  SQLite::Statement statement(
      database,
      "INSERT INTO runs (folder, stamp, name, variant, seed, created, key, training_key, trained_in, file, "
      "data_folder, data_hash, device, threads, status, result) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  int i = 0;
  const RunRecord& r = run.record;
  for (const std::string& text : {folder, run.stamp, r.name, r.variant}) statement.bind(++i, text);
  statement.bind(++i, static_cast<int64_t>(r.seed));
  for (const std::string& text :
       {r.created, r.key, r.training_key, r.trained_in, r.file, r.data_folder, r.data_hash, r.device})
    statement.bind(++i, text);
  statement.bind(++i, r.threads);
  statement.bind(++i, r.status);
  if (run.result.empty())
    statement.bind(++i);
  else
    statement.bind(++i, run.result);
  statement.exec();
  insert_options(database, database.getLastInsertRowid(), run.options);
}

// The folder is read while the database is locked for writing: whoever comes later has seen a later state.
void update(SQLite::Database& database, const std::string& root, const std::string& folder) {
  forget(database, folder);
  if (const auto run = scan_run(root + "/" + folder)) insert(database, folder, *run);
}

/// Rows whose folder is gone, and folders whose row is missing or old.
std::vector<std::string> differences(SQLite::Database& database, const std::string& root) {
  std::map<std::string, std::string> folders = scan_root(root);
  std::vector<std::string> different;
  SQLite::Statement rows(database, "SELECT folder, stamp FROM runs");
  while (rows.executeStep()) {
    const std::string folder = rows.getColumn(0).getString();
    const auto found = folders.find(folder);
    if (found == folders.end() || found->second != rows.getColumn(1).getString()) different.push_back(folder);
    if (found != folders.end()) folders.erase(found);
  }
  for (const auto& [folder, stamp] : folders) different.push_back(folder);
  return different;
}

void fill(SQLite::Database& database, const std::string& root) {
  for (const auto& [folder, stamp] : scan_root(root)) update(database, root, folder);
}

// With the links resolved that lie above the root, so that either may have been reached by one.
std::string below(const std::string& root, const std::string& folder) {
  std::string relative = fs::weakly_canonical(folder).lexically_relative(fs::weakly_canonical(root)).string();
  if (relative.empty() || relative == "." || relative.rfind("..", 0) == 0)
    throw ContractError("RunIndex::put: expected a folder below " + root + ", got " + folder);
  return relative;
}

std::string existing_folder(const std::string& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) throw IoError(root + ": no such folder");
  const fs::path path = fs::path(root).lexically_normal();
  return path.has_filename() ? path.string() : path.parent_path().string();
}

}  // namespace

struct RunIndex::Implementation {
  explicit Implementation(const std::string& folder)
      : root(existing_folder(folder)),
        database(root + "/" + file_name, [this](SQLite::Database& d) { fill(d, root); }) {}
  std::string root;
  IndexDatabase database;
};

RunIndex::RunIndex(const std::string& root) : implementation_(std::make_unique<Implementation>(root)) {}
RunIndex::~RunIndex() = default;
RunIndex::RunIndex(RunIndex&&) noexcept = default;

void RunIndex::put(const std::string& folder) {
  const std::string relative = below(implementation_->root, folder);
  implementation_->database.write([&](SQLite::Database& d) { update(d, implementation_->root, relative); });
}

void RunIndex::synchronise() {
  std::vector<std::string> different;
  implementation_->database.read([&](SQLite::Database& d) { different = differences(d, implementation_->root); });
  if (different.empty()) return;  // no need to wait for those who write
  implementation_->database.write([&](SQLite::Database& d) {
    for (const std::string& folder : different) update(d, implementation_->root, folder);
  });
}

void RunIndex::rebuild() {
  implementation_->database.write([&](SQLite::Database& d) {
    d.exec("DELETE FROM runs");
    fill(d, implementation_->root);
  });
}

std::vector<IndexedRun> RunIndex::find(const RunFilter& filter) const {
  check_filter(filter);
  std::vector<IndexedRun> found;
  implementation_->database.read([&](SQLite::Database& d) { found = query_runs(d, implementation_->root, filter); });
  return found;
}

std::optional<std::string> index_root(const std::string& run_folder) {
  const fs::path folder = fs::weakly_canonical(run_folder);
  std::error_code error;
  for (fs::path above = folder.parent_path(); above != above.parent_path(); above = above.parent_path())
    if (fs::exists(above / file_name, error)) return above.string();
  const fs::path runs = fs::weakly_canonical("runs");
  const auto [end, unused] = std::mismatch(runs.begin(), runs.end(), folder.begin(), folder.end());
  return end == runs.end() && folder != runs ? std::optional<std::string>(runs.string()) : std::nullopt;
}

void record_in_index(const std::string& run_folder) {
  try {
    if (const auto root = index_root(run_folder)) RunIndex(*root).put(run_folder);
  } catch (const std::exception&) {
  }
}

}  // namespace genmatch
