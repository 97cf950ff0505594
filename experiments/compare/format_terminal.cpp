#include <algorithm>
#include <sstream>

#include "experiments/compare/table_text.h"
#include "experiments/report/text.h"

namespace genmatch {

namespace {

constexpr std::size_t page_width = 120;

// What stands behind a cell's numbers.
std::string tail_of(const Cell& cell) { return (cell.best ? "*" : "") + (cell.seeds.empty() ? "" : " " + cell.seeds); }

std::string blanks(std::size_t width, const std::string& text) { return std::string(width - display_width(text), ' '); }

// The cells of a column with their parts under each other: "  0.120 ± 0.031*".
std::vector<std::string> aligned(const std::vector<const Cell*>& cells) {
  std::size_t mean = 0, sd = 0, tail = 0;
  for (const Cell* c : cells) {
    mean = std::max(mean, display_width(c->mean));
    sd = std::max(sd, display_width(c->sd));
    tail = std::max(tail, display_width(tail_of(*c)));
  }
  std::vector<std::string> texts;
  for (const Cell* c : cells) {
    std::string text = blanks(mean, c->mean) + c->mean;
    if (sd > 0) text += (c->sd.empty() ? "   " : " ± ") + blanks(sd, c->sd) + c->sd;
    texts.push_back(text + tail_of(*c) + blanks(tail, tail_of(*c)));
  }
  return texts;
}

std::string wrapped(const std::string& text, const std::string& indent) {
  std::istringstream words(text);
  std::string all, line, word;
  while (words >> word) {
    if (!line.empty() && display_width(line) + 1 + display_width(word) > page_width) {
      all += line + "\n";
      line = indent + word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return all + line + "\n";
}

}  // namespace

std::string format_terminal(const Comparison& comparison) {
  const TableText table = table_text(comparison);
  std::vector<std::vector<std::string>> rows;
  for (const TextRow& row : table.rows) rows.push_back({row.label});
  for (std::size_t i = 0; i < comparison.metrics.size(); ++i) {
    std::vector<const Cell*> column;
    for (const TextRow& row : table.rows) column.push_back(&row.cells[i]);
    const std::vector<std::string> texts = aligned(column);
    for (std::size_t r = 0; r < rows.size(); ++r) rows[r].push_back(texts[r]);
  }
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (const std::string& text : {table.rows[r].time, table.rows[r].memory, table.rows[r].source})
      rows[r].push_back(text);
  std::string text = format_table(table.header, rows) + "\n";
  if (!comparison.leaders.empty()) text += "* the best of ours\n";
  for (const std::string& line : table.below) text += wrapped(line, "    ");
  return text;
}

}  // namespace genmatch
