#include "experiments/compare/table_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/report/text.h"

namespace genmatch {

namespace {

using Kind = ComparisonRow::Kind;

// The number of seeds that goes without saying: that of the variant with the most.
int64_t usual_seeds(const std::vector<ComparisonRow>& rows) {
  int64_t n = 0;
  for (const ComparisonRow& row : rows)
    if (row.kind == Kind::variant)
      for (const auto& [metric, value] : row.metrics) n = std::max(n, value.n);
  return n;
}

// As good as the best, and over as many seeds: of equal rows, none is more the best than the other.
bool is_best(const ComparisonRow& row, const Comparison& c, const std::string& metric) {
  const auto leader = c.leaders.find(metric);
  if (row.kind == Kind::published || leader == c.leaders.end()) return false;
  const Spread &best = c.rows[leader->second.best].metrics.at(metric), &own = row.metrics.at(metric);
  return own.mean == best.mean && own.n == best.n;
}

Cell cell(const ComparisonRow& row, const Comparison& c, const std::string& metric, const Digits& digits,
          int64_t usual) {
  const auto found = row.metrics.find(metric);
  if (found == row.metrics.end()) return {"-", "", "", false};
  const Spread& value = found->second;
  if (!std::isfinite(value.mean)) return {"failed", "", "", false};
  Cell cell{digits(value.mean), std::isfinite(value.sd) ? digits(value.sd) : "", "", is_best(row, c, metric)};
  if (row.kind != Kind::published && value.n != usual) cell.seeds = fmt::format("(n = {})", value.n);
  return cell;
}

std::string source_text(const ComparisonRow& row, std::vector<std::string>& sources) {
  if (row.kind != Kind::published) return row.kind == Kind::baseline ? "baseline" : "";
  const std::string text = one_line(row.protocol.empty() ? row.cite : row.cite + "; " + row.protocol);
  auto found = std::find(sources.begin(), sources.end(), text);
  if (found == sources.end()) found = sources.insert(sources.end(), text);
  return fmt::format("[{}] ({})", row.verified, found - sources.begin() + 1);
}

std::string optional_mean(const std::optional<Spread>& value, std::string (*format)(double)) {
  return value && std::isfinite(value->mean) ? format(value->mean) : "-";
}

std::string megabytes(double value) { return fmt::format("{:.0f}", value); }

std::vector<std::string> lines_below(const Comparison& c, int64_t usual, const std::vector<std::string>& sources) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < sources.size(); ++i) lines.push_back(fmt::format("({}) {}", i + 1, sources[i]));
  if (!sources.empty())
    lines.emplace_back("published rows: ± as the source means it; they take no part in marks and tests");
  if (usual == 1) lines.emplace_back("one seed: no standard deviation");
  if (usual > 1) lines.push_back(fmt::format("mean ± standard deviation over {} seeds", usual));
  for (const std::string& metric : c.metrics)
    if (const auto sentence = test_sentence(c, metric)) lines.push_back(*sentence);
  for (const std::string& note : c.notes) lines.push_back(one_line(note));
  return lines;
}

}  // namespace

std::string Cell::text() const {
  std::string text = mean;
  if (!sd.empty()) text += " ± " + sd;
  if (!seeds.empty()) text += " " + seeds;
  return text;
}

std::string one_line(const std::string& text) {
  std::string line = text;
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return line;
}

TableText table_text(const Comparison& c) {
  TableText table;
  table.header.emplace_back("");
  std::vector<Digits> digits;
  for (const std::string& metric : c.metrics) {
    table.header.push_back(one_line(metric));
    digits.push_back(column_digits(c, metric));
  }
  for (const char* name : {"time per run", "peak MB", ""}) table.header.emplace_back(name);
  const int64_t usual = usual_seeds(c.rows);
  std::vector<std::string> sources;
  for (const ComparisonRow& row : c.rows) {
    TextRow text{row.kind, one_line(row.label), {}, "", "", source_text(row, sources)};
    for (std::size_t i = 0; i < c.metrics.size(); ++i)
      text.cells.push_back(cell(row, c, c.metrics[i], digits[i], usual));
    text.time = optional_mean(row.seconds, format_seconds);
    text.memory = optional_mean(row.peak_mb, megabytes);
    table.rows.push_back(std::move(text));
  }
  table.below = lines_below(c, usual, sources);
  return table;
}

}  // namespace genmatch
