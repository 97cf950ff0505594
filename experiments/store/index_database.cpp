#include "experiments/store/index_database.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "core/errors.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

constexpr int application_id = 0x67656E6D;  // "genm"
constexpr int schema_version = 1;
constexpr int patience_ms = 30000;

// `result` holds result.json; the view spreads it for those who ask by SQL, so that no number is kept twice.
constexpr const char* schema = R"(
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, name TEXT NOT NULL,
    variant TEXT NOT NULL, seed INTEGER NOT NULL, created TEXT NOT NULL, key TEXT NOT NULL, training_key TEXT NOT NULL,
    trained_in TEXT NOT NULL, file TEXT NOT NULL, data_folder TEXT NOT NULL, data_hash TEXT NOT NULL,
    device TEXT NOT NULL, threads INTEGER NOT NULL, status TEXT NOT NULL, result TEXT);
  CREATE INDEX runs_by_key ON runs (key);
  CREATE INDEX runs_by_training_key ON runs (training_key);
  CREATE TABLE options (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, key TEXT NOT NULL, value TEXT NOT NULL, number REAL,
    PRIMARY KEY (run, key)) WITHOUT ROWID;
  CREATE VIEW metrics AS
    SELECT runs.id AS run, '' AS baseline, m.key AS metric, m.value ->> 'mean' AS mean, m.value ->> 'sem' AS sem,
           m.value ->> 'n' AS n
      FROM runs, json_each(runs.result, '$.metrics') AS m
    UNION ALL
    SELECT runs.id, b.key, m.key, m.value ->> 'mean', m.value ->> 'sem', m.value ->> 'n'
      FROM runs, json_each(runs.result, '$.baselines') AS b, json_each(b.value) AS m;
)";

bool means_damage(const SQLite::Exception& e) {
  return e.getErrorCode() == SQLITE_CORRUPT || e.getErrorCode() == SQLITE_NOTADB;
}

// Bytes 68 to 71 of an SQLite file are its application's number, whatever else is damaged.
bool is_ours(const std::string& path) {
  std::array<unsigned char, 72> header{};
  std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(header.data()), header.size());
  int id = 0;
  for (std::size_t i = 68; i < header.size(); ++i) id = id << 8 | header.at(i);
  return id == application_id;
}

std::string advice(const SQLite::Exception& e) {
  switch (e.getErrorCode()) {
    case SQLITE_BUSY:
      return "; another process has been writing it for half a minute: stop that one, or try again";
    case SQLITE_FULL:
      return "; make room on the disk";
    default:
      return "; the folder must be writable. The index holds nothing that the run folders do not: it may be deleted";
  }
}

}  // namespace

IndexDatabase::IndexDatabase(std::string path, std::function<void(SQLite::Database&)> fill)
    : path_(std::move(path)), fill_(std::move(fill)) {
  read([](SQLite::Database&) {});
}

void IndexDatabase::open() {
  if (database_) return;
  database_ = std::make_unique<SQLite::Database>(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, patience_ms);
  database_->exec("PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON");
}

bool IndexDatabase::current() {
  return database_->execAndGet("PRAGMA application_id").getInt() == application_id &&
         database_->execAndGet("PRAGMA user_version").getInt() == schema_version;
}

void IndexDatabase::refuse_foreign() {
  const int id = database_->execAndGet("PRAGMA application_id").getInt();
  const bool empty = database_->execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (id != application_id && !empty)
    throw IoError(path_ + ": is a database of another program; move it away, its place is that of the index of runs");
}

// Within a transaction: what is there has another schema, or nothing.
void IndexDatabase::make() {
  refuse_foreign();
  std::string drop;
  SQLite::Statement old(*database_, "SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'table')");
  while (old.executeStep())
    drop += fmt::format("DROP {} \"{}\";", old.getColumn(0).getString(), old.getColumn(1).getString());
  old.reset();
  database_->exec(drop);
  database_->exec(schema);
  database_->exec(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, schema_version));
  fill_(*database_);
}

// In place, by SQLite's own locking: to delete a database that another process has open would leave that one's journal
// beside the next database, which would be rolled back by it.
void IndexDatabase::reset() {
  if (!is_ours(path_)) {
    std::error_code error;
    fs::copy_file(path_, path_ + ".damaged", fs::copy_options::overwrite_existing, error);
    if (error) throw IoError(path_ + ": is no index of runs, and cannot be put aside: " + error.message());
  }
  sqlite3_db_config(database_->getHandle(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  const int code = database_->tryExec("VACUUM");
  sqlite3_db_config(database_->getHandle(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  database_->check(code);
}

template <class Work>
void IndexDatabase::guarded(const Work& work) {
  constexpr int attempts = 3;
  for (int attempt = 1;; ++attempt) {
    try {
      open();
      work();
      return;
    } catch (const SQLite::Exception& e) {
      if (!means_damage(e) || attempt == attempts || !database_) throw IoError(path_ + ": " + e.what() + advice(e));
    }
    try {
      reset();
    } catch (const SQLite::Exception& e) {
      throw IoError(path_ + ": is damaged and cannot be made anew: " + e.what() + advice(e));
    }
  }
}

void IndexDatabase::write(const std::function<void(SQLite::Database&)>& work) {
  guarded([&] {
    SQLite::Transaction transaction(*database_, SQLite::TransactionBehavior::IMMEDIATE);
    if (!current()) make();
    work(*database_);
    transaction.commit();
  });
}

void IndexDatabase::read(const std::function<void(SQLite::Database&)>& work) {
  guarded([&] {
    {
      SQLite::Transaction transaction(*database_);
      if (current()) {
        work(*database_);
        return;
      }
    }
    write(work);
  });
}

}  // namespace genmatch
