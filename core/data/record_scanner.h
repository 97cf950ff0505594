#pragma once
// Delimited text as records of cells, each with the place where it stands.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace genmatch {

struct Cell {
  std::string text;  ///< without quotes and surrounding blanks
  int64_t line = 0;
  int64_t column = 0;  ///< in bytes, from 1
};

/// Walks through the records of a text: RFC 4180 with any delimiter, where lines end with LF, CRLF or CR, a byte
/// order mark, blank lines and lines that begin with # or % are passed over, and cells are trimmed.
class RecordScanner {
 public:
  /// delimiter: ',', ';', '\t', or ' ' for any run of blanks.
  RecordScanner(std::string_view text, char delimiter);

  /// Reads the next record; false at the end or when the text is malformed (see fault).
  bool next(std::vector<Cell>& cells);
  /// "line:column: what is wrong", empty if all is well.
  const std::string& fault() const { return fault_; }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  bool at_newline() const { return text_[position_] == '\n' || text_[position_] == '\r'; }
  bool at_blank() const { return text_[position_] == ' ' || (text_[position_] == '\t' && delimiter_ != '\t'); }
  void skip_blanks();
  void take_newline();
  bool find_record();
  bool take_delimiter();
  void read_cell(Cell& cell);
  void read_quoted(Cell& cell);

  std::string_view text_;
  char delimiter_;
  std::size_t position_ = 0, line_start_ = 0;
  int64_t line_ = 1;
  std::string fault_;
};

/// The delimiter under which most of the first records have equally many (at least two) cells; ',' if there is none.
char detect_delimiter(std::string_view text);

}  // namespace genmatch
