#include "core/data/record_scanner.h"

#include <fmt/format.h>

namespace genmatch {

RecordScanner::RecordScanner(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.substr(0, byte_order_mark.size()) == byte_order_mark) text_.remove_prefix(byte_order_mark.size());
}

void RecordScanner::skip_blanks() {
  while (!at_end() && at_blank()) ++position_;
}

void RecordScanner::take_newline() {
  if (at_end()) return;
  const bool two = text_[position_] == '\r' && position_ + 1 < text_.size() && text_[position_ + 1] == '\n';
  position_ += two ? 2 : 1;
  line_start_ = position_;
  ++line_;
}

bool RecordScanner::find_record() {
  while (!at_end()) {
    const std::size_t first = text_.find_first_not_of(" \t", position_);
    if (first == std::string_view::npos) break;
    const char c = text_[first];
    if (c != '#' && c != '%' && c != '\n' && c != '\r') return true;
    position_ = text_.find_first_of("\r\n", first);
    take_newline();
  }
  return false;
}

bool RecordScanner::take_delimiter() {
  const std::size_t before = position_;
  skip_blanks();
  if (at_end() || at_newline()) return false;
  if (delimiter_ == ' ') return position_ > before;
  if (text_[position_] != delimiter_) return false;
  ++position_;
  return true;
}

void RecordScanner::read_quoted(Cell& cell) {
  ++position_;
  while (!at_end()) {
    if (text_[position_] == '"') {
      if (position_ + 1 >= text_.size() || text_[position_ + 1] != '"') {
        ++position_;
        return;
      }
      ++position_;
    }
    cell.text += text_[position_];
    if (at_newline()) {
      take_newline();
    } else {
      ++position_;
    }
  }
  fault_ = fmt::format("{}:{}: this quote is never closed", cell.line, cell.column);
}

void RecordScanner::read_cell(Cell& cell) {
  skip_blanks();
  cell.text.clear();
  cell.line = line_;
  cell.column = static_cast<int64_t>(position_ - line_start_) + 1;
  if (!at_end() && text_[position_] == '"') return read_quoted(cell);
  const std::size_t start = position_;
  while (!at_end() && !at_newline() && text_[position_] != delimiter_ && !(delimiter_ == ' ' && at_blank())) {
    ++position_;
  }
  std::size_t stop = position_;
  while (stop > start && (text_[stop - 1] == ' ' || text_[stop - 1] == '\t')) --stop;
  cell.text.assign(text_.substr(start, stop - start));
}

bool RecordScanner::next(std::vector<Cell>& cells) {
  if (!fault_.empty() || !find_record()) return false;
  if (delimiter_ == ' ') skip_blanks();
  std::size_t count = 0;
  do {
    if (cells.size() <= count) cells.emplace_back();
    read_cell(cells[count++]);
  } while (fault_.empty() && take_delimiter());
  cells.resize(count);
  if (fault_.empty() && !at_end() && !at_newline()) {
    fault_ = fmt::format("{}:{}: text after a closing quote", line_, position_ - line_start_ + 1);
  }
  if (!fault_.empty()) return false;
  take_newline();
  return true;
}

char detect_delimiter(std::string_view text) {
  constexpr int sampled = 20;
  char best = ',';
  int best_agreement = 0;
  for (const char candidate : {'\t', ';', ',', ' '}) {
    RecordScanner records(text, candidate);
    std::vector<Cell> cells;
    std::size_t width = 0;
    int agreement = 0;
    for (int i = 0; i < sampled && records.next(cells); ++i) {
      if (i == 0) width = cells.size();
      agreement += cells.size() == width && width > 1 ? 1 : 0;
    }
    if (agreement > best_agreement) {
      best = candidate;
      best_agreement = agreement;
    }
  }
  return best;
}

}  // namespace genmatch
