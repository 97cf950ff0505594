#include "experiments/store/run_query.h"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>
#include <variant>

#include "core/errors.h"

namespace genmatch {

namespace {

constexpr const char* columns =
    "folder, name, variant, seed, created, key, training_key, trained_in, file, data_folder, data_hash, device, "
    "threads, status, "
    "result";

const std::vector<std::string> statuses{"running", "finished", "interrupted", "failed", "killed"};

/// Conditions with the values that belong to their question marks.
class Conditions {
 public:
  using Value = std::variant<std::string, double>;
  void add(const std::string& condition, const std::vector<Value>& values) {
    text_ += (text_.empty() ? " WHERE " : " AND ") + condition;
    values_.insert(values_.end(), values.begin(), values.end());
  }
  const std::string& text() const { return text_; }
  void bind(SQLite::Statement& statement) const {
    int i = 0;
    for (const Value& value : values_) std::visit([&](const auto& v) { statement.bind(++i, v); }, value);
  }

 private:
  std::string text_;
  std::vector<Value> values_;
};

// Of GLOB's wildcards only the star is ours.
std::string glob(const std::string& pattern) {
  std::string escaped;
  for (const char c : pattern) escaped += c == '?' || c == '[' ? fmt::format("[{}]", c) : std::string(1, c);
  return escaped;
}

bool is_time(const std::string& text) {
  const std::string whole = "2000-01-01T00:00:00Z";
  const std::vector<std::size_t> sizes{4, 7, 10, 13, 16, 19, 20};
  if (std::find(sizes.begin(), sizes.end(), text.size()) == sizes.end()) return false;
  const std::string completed = text + whole.substr(text.size());
  std::tm time{};
  const char* end = strptime(completed.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
  if (end == nullptr || *end != '\0') return false;
  const std::time_t seconds = timegm(&time);  // turns the 30th of February into one of March
  std::string back(whole.size() + 1, '\0');
  back.resize(std::strftime(back.data(), back.size(), "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&seconds)));
  return back == completed;
}

void check_time(const std::string& option, const std::string& text) {
  if (!text.empty() && !is_time(text))
    throw ConfigError(
        fmt::format("{} {}: is no date; write 2026-01-02 or the begin of 2026-01-02T03:04:05Z (UTC)", option, text));
}

std::pair<std::string, std::string> split_option(const std::string& option) {
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos || equals == 0)
    throw ConfigError(option + ": expected KEY=VALUE, as in model.width=64");
  return {option.substr(0, equals), option.substr(equals + 1)};
}

void add_option(const std::string& option, Conditions& conditions) {
  const auto [key, value] = split_option(option);
  const std::optional<double> number = as_number(value);
  // A component may be named in short form: path=geodesic.
  const std::string where = "EXISTS (SELECT 1 FROM options WHERE run = id AND options.key IN (?, ?) AND ";
  if (number)
    conditions.add(where + "(value = ? OR number = ?))", {key, key + ".type", value, *number});
  else
    conditions.add(where + "value = ?)", {key, key + ".type", value});
}

Conditions conditions_of(const RunFilter& f) {
  Conditions conditions;
  if (!f.name.empty()) conditions.add("name GLOB ?", {glob(f.name)});
  if (!f.variant.empty()) conditions.add("variant GLOB ?", {glob(f.variant)});
  if (!f.status.empty()) conditions.add("status = ?", {f.status == "killed" ? "running" : f.status});
  if (!f.key.empty()) conditions.add("key = ?", {f.key});
  if (!f.training_key.empty()) conditions.add("training_key = ?", {f.training_key});
  if (!f.since.empty()) conditions.add("created >= ?", {f.since});
  if (!f.until.empty()) conditions.add("substr(created, 1, length(?)) <= ?", {f.until, f.until});
  for (const std::string& option : f.options) add_option(option, conditions);
  return conditions;
}

IndexedRun read_row(SQLite::Statement& row, const std::string& root) {
  int i = 0;
  const auto text = [&] { return row.getColumn(i++).getString(); };
  IndexedRun run;
  RunRecord& r = run.record;
  run.path = root + "/" + text();
  r.name = text();
  r.variant = text();
  r.seed = static_cast<uint64_t>(row.getColumn(i++).getInt64());
  r.created = text();
  r.key = text();
  r.training_key = text();
  r.trained_in = text();
  r.file = text();
  r.data_folder = text();
  r.data_hash = text();
  r.device = text();
  r.threads = row.getColumn(i++).getInt();
  r.status = text();
  if (row.getColumn(i).isNull()) return run;
  try {
    run.result = parse_result(text(), run.path + "/result.json");
  } catch (const IoError& e) {  // it was whole when it was put here
    throw SQLite::Exception(e.what(), SQLITE_CORRUPT);
  }
  return run;
}

}  // namespace

std::optional<double> as_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

void check_filter(const RunFilter& filter) {
  if (!filter.status.empty() && std::find(statuses.begin(), statuses.end(), filter.status) == statuses.end())
    throw ConfigError(fmt::format("--status {}: expected one of {}", filter.status, fmt::join(statuses, ", ")));
  check_time("--since", filter.since);
  check_time("--until", filter.until);
  for (const std::string& option : filter.options) split_option(option);
}

std::vector<IndexedRun> query_runs(SQLite::Database& database, const std::string& root, const RunFilter& filter) {
  const Conditions conditions = conditions_of(filter);
  SQLite::Statement query(
      database, fmt::format("SELECT {} FROM runs{} ORDER BY created DESC, folder DESC", columns, conditions.text()));
  conditions.bind(query);
  std::vector<IndexedRun> found;
  while (query.executeStep()) {
    IndexedRun run = read_row(query, root);
    run.record.status = RunFolder::status(run.path, run.record);
    if (filter.status.empty() || run.record.status == filter.status) found.push_back(std::move(run));
  }
  return found;
}

}  // namespace genmatch
