#include <algorithm>
#include <sstream>

#include "experiments/compare/table_text.h"
#include "experiments/report/text.h"

namespace genmatch {

namespace {

constexpr std::size_t page_width = 120;

// The parts of a column's cells under each other, so that the points align: "  0.120 ± 0.031*".
std::vector<std::string> aligned(const std::vector<const Cell*>& cells) {
  std::size_t mean = 0, sd = 0, tail = 0;
  const auto deviation = [](const Cell& c) { return c.sd.empty() ? "" : " ± " + c.sd; };
  const auto end = [](const Cell& c) { return (c.best ? "*" : "") + (c.seeds.empty() ? "" : " " + c.seeds); };
  for (const Cell* c : cells) {
    mean = std::max(mean, display_width(c->mean));
    sd = std::max(sd, display_width(deviation(*c)));
    tail = std::max(tail, display_width(end(*c)));
  }
  const auto pad = [](std::size_t width, const std::string& text) {
    return std::string(width - display_width(text), ' ');
  };
  std::vector<std::string> texts;
  for (const Cell* c : cells) {
    const std::string middle = deviation(*c);
    // A deviation's sign stays in its column, blanks go between it and a shorter number.
    const std::string gap = pad(sd, middle);
    texts.push_back(pad(mean, c->mean) + c->mean);
    texts.back() += middle.empty() ? gap : " ± " + gap + c->sd;
    texts.back() += end(*c) + pad(tail, end(*c));
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
