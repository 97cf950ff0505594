#pragma once
// What a filter means to the database.
#include <SQLiteCpp/Database.h>

#include <string>
#include <vector>

#include "experiments/store/run_index.h"

namespace genmatch {

/// ConfigError if the filter makes no sense; see RunIndex::find.
void check_filter(const RunFilter& filter);

/// The rows that match, the latest first, by one query. `root` begins their paths. SQLite's own exceptions;
/// SQLITE_CORRUPT for a row that cannot have been written so.
std::vector<IndexedRun> query_runs(SQLite::Database& database, const std::string& root, const RunFilter& filter);

/// The number that a text is as a whole, by which "1e-3" and "0.001" are the same value.
std::optional<double> as_number(const std::string& text);

}  // namespace genmatch
