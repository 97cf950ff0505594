#include <fmt/format.h>

#include <map>

#include "experiments/compare/table_text.h"

namespace genmatch {

namespace {

std::string escape_markdown(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (std::string("\\`*_[]<>|~$&").find(c) != std::string::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// Brackets and stars in braces: at the begin of a row, LaTeX would take them for an option of the line break before.
const std::map<std::string, std::string> latex_characters = {
    {"&", "\\&"},
    {"%", "\\%"},
    {"_", "\\_"},
    {"#", "\\#"},
    {"$", "\\$"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"\\", "\\textbackslash{}"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"|", "\\textbar{}"},
    {"[", "{[}"},
    {"]", "{]}"},
    {"*", "{*}"},
    {"\u2212", "$-$"},
    {"±", "$\\pm$"},
};

std::size_t character_length(unsigned char first) { return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4; }

std::string escape_latex(const std::string& text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size();) {
    const std::string character = text.substr(i, character_length(static_cast<unsigned char>(text[i])));
    const auto found = latex_characters.find(character);
    escaped += found == latex_characters.end() ? character : found->second;
    i += character.size();
  }
  return escaped;
}

// The cells of a row in the order of the header, each escaped, the best between `open` and `close`.
std::vector<std::string> cells_of(const TextRow& row, std::string (*escape)(const std::string&), const char* open,
                                  const char* close) {
  std::vector<std::string> cells{escape(row.label)};
  for (const Cell& cell : row.cells)
    cells.push_back(cell.best ? open + escape(cell.text()) + close : escape(cell.text()));
  for (const std::string& text : {row.time, row.memory, row.source}) cells.push_back(escape(text));
  return cells;
}

std::vector<std::string> escaped_all(std::vector<std::string> texts, std::string (*escape)(const std::string&)) {
  for (std::string& text : texts) text = escape(text);
  return texts;
}

std::string markdown_line(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string latex_line(const std::vector<std::string>& cells) {
  return fmt::format("{} \\\\\n", fmt::join(cells, " & "));
}

}  // namespace

std::string format_markdown(const Comparison& comparison) {
  const TableText table = table_text(comparison);
  std::string text = markdown_line(escaped_all(table.header, escape_markdown));
  std::vector<std::string> rule(table.header.size(), "---:");
  rule.front() = rule.back() = "---";
  text += markdown_line(rule);
  for (const TextRow& row : table.rows) text += markdown_line(cells_of(row, escape_markdown, "**", "**"));
  text += "\n";
  for (const std::string& line : table.below) text += "- " + escape_markdown(line) + "\n";
  return text;
}

std::string format_latex(const Comparison& comparison) {
  const TableText table = table_text(comparison);
  std::string text = fmt::format("\\begin{{tabular}}{{l{}l}}\n\\toprule\n", std::string(table.header.size() - 2, 'r'));
  text += latex_line(escaped_all(table.header, escape_latex)) + "\\midrule\n";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i > 0 && table.rows[i].kind != table.rows[i - 1].kind) text += "\\midrule\n";
    text += latex_line(cells_of(table.rows[i], escape_latex, "\\textbf{", "}"));
  }
  text += "\\bottomrule\n\\end{tabular}\n";
  for (const std::string& line : table.below) text += "\n\\noindent{\\footnotesize " + escape_latex(line) + "\\par}\n";
  return text;
}

}  // namespace genmatch
