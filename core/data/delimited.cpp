#include "core/data/delimited.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>

#include "core/data/cell_value.h"
#include "core/data/file.h"
#include "core/data/header.h"
#include "core/data/record_scanner.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace {

void refuse_binary(std::string_view text, const std::string& file) {
  constexpr std::string_view utf16[] = {"\xFF\xFE", "\xFE\xFF"};
  for (const std::string_view mark : utf16) {
    if (text.substr(0, 2) == mark) throw DataError(file + ": is UTF-16 text; save it as UTF-8");
  }
  if (text.substr(0, 2) == "\x1f\x8b") throw DataError(file + ": is compressed (gzip); unpack it first");
  if (text.substr(0, 6) == "\x93NUMPY") throw DataError(file + ": is a NumPy file; read it with type: npy");
  const auto bad = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && (byte < '\t' || byte > '\r')) || byte == 0x7f;
  });
  if (bad == text.end()) return;
  const auto line = 1 + std::count(text.begin(), bad, '\n');
  throw DataError(fmt::format("{}:{}: is not a text file: it holds the byte 0x{:02x}; expected a table such as CSV",
                              file, line, static_cast<unsigned char>(*bad)));
}

char delimiter_of(const std::string& name, std::string_view text) {
  static const std::map<std::string, char> known{{"comma", ','}, {"tab", '\t'}, {"semicolon", ';'}, {"space", ' '}};
  const auto found = known.find(name);
  return found == known.end() ? detect_delimiter(text) : found->second;
}

/// The rows that have been read, with the place of each value.
struct Rows {
  std::string file;
  std::vector<std::string> names;
  std::vector<double> values;
  std::vector<int64_t> lines, columns;  // one per value
};

std::string place_text(const std::string& file, int64_t line, int64_t column, const std::string& name) {
  return fmt::format("{}:{}:{}: {}", file, line, column, name);
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, const DelimitedOptions& options)
      : records_(text, delimiter_of(options.delimiter, text)), file_(file), options_(options) {}

  Numbers read(std::optional<int64_t> width) {
    read_header(width);
    do {
      ++total_;
      add_row();
    } while (records_.next(cells_));
    if (!records_.fault().empty()) faults_.add(file_ + ":" + records_.fault());
    faults_.throw_if_any();
    if (rows_->values.empty()) throw DataError(file_ + ": " + why_empty());
    return numbers();
  }

 private:
  struct Seen {
    double min = std::numeric_limits<double>::infinity(), max = -min;
  };

  void read_header(std::optional<int64_t> width) {
    const bool any = records_.next(cells_);
    if (!records_.fault().empty()) throw DataError(file_ + ":" + records_.fault());
    if (!any) throw DataError(file_ + ": is empty: it holds no row of data");
    header_ = std::make_unique<Header>(cells_, options_.header);
    const std::string place = fmt::format("{}:{}", file_, cells_[0].line);
    for (const std::string& c : options_.columns) chosen_.push_back(header_->find(c, place));
    for (const auto& f : options_.where.items) filtered_.push_back(header_->find(f.value.column, place));
    seen_.resize(filtered_.size());
    if (chosen_.empty()) choose_all(place, width);
    rows_->file = file_;
    for (const std::size_t c : chosen_) rows_->names.push_back(header_->name(c));
    if (header_->present() && !records_.next(cells_)) {
      const std::string& fault = records_.fault();
      throw DataError(fault.empty() ? place + ": there is a line of names, but no row of data follows"
                                    : file_ + ":" + fault);
    }
  }

  void choose_all(const std::string& place, std::optional<int64_t> width) {
    if (width && *width != static_cast<int64_t>(header_->size())) {
      throw DataError(fmt::format("{}: expected {} columns, got {} ({}); choose with columns: […], by name or position",
                                  place, *width, header_->size(), header_->list()));
    }
    for (std::size_t i = 0; i < header_->size(); ++i) chosen_.push_back(i);
  }

  std::string place(std::size_t column) const {
    return place_text(file_, cells_[column].line, cells_[column].column, header_->name(column));
  }

  /// The number in a cell; nothing if the row is to be left out.
  std::optional<double> number(std::size_t column) {
    const CellValue value = cell_value(cells_[column].text);
    if (value.kind == CellValue::Kind::number) return value.value;
    if (value.kind == CellValue::Kind::missing && options_.missing == "skip") {
      skipping_ = true;
    } else {
      faults_.add(place(column) + ": " + value.fault);
    }
    return {};
  }

  bool wanted() {
    bool keep = true;
    for (std::size_t i = 0; i < filtered_.size(); ++i) {
      const Filter& filter = options_.where.items[i].value;
      if (filter.equals && cells_[filtered_[i]].text != *filter.equals) keep = false;
      if (!filter.min && !filter.max) continue;
      const auto value = number(filtered_[i]);
      if (!value) return false;
      seen_[i] = {std::min(seen_[i].min, *value), std::max(seen_[i].max, *value)};
      if ((filter.min && *value < *filter.min) || (filter.max && *value > *filter.max)) keep = false;
    }
    return keep;
  }

  void add_row() {
    if (cells_.size() != header_->size()) {
      return faults_.add(
          fmt::format("{}:{}: expected {} columns as in the first line, got {}; correct the line or state "
                      "the delimiter",
                      file_, cells_[0].line, header_->size(), cells_.size()));
    }
    skipping_ = false;
    const std::size_t before = rows_->values.size();
    bool keep = wanted();
    for (std::size_t i = 0; keep && i < chosen_.size(); ++i) {
      const auto value = number(chosen_[i]);
      keep = keep && (value || !skipping_);
      rows_->values.push_back(value.value_or(0));
      rows_->lines.push_back(cells_[chosen_[i]].line);
      rows_->columns.push_back(cells_[chosen_[i]].column);
    }
    if (!keep) {
      rows_->values.resize(before);
      rows_->lines.resize(before);
      rows_->columns.resize(before);
    }
    skipped_ += skipping_ ? 1 : 0;
  }

  std::string why_empty() const {
    if (skipped_ == total_) return fmt::format("each of its {} rows has missing values", total_);
    std::string ranges;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      if (seen_[i].min > seen_[i].max) continue;
      ranges += fmt::format("; {} runs from {} to {}", header_->name(filtered_[i]), seen_[i].min, seen_[i].max);
    }
    return fmt::format("none of its {} rows satisfies where{}; loosen the filters", total_, ranges);
  }

  Numbers numbers() {
    Numbers out;
    const auto width = static_cast<int64_t>(chosen_.size());
    const auto count = static_cast<int64_t>(rows_->values.size()) / width;
    out.values = at::from_blob(rows_->values.data(), {count, width}, at::kDouble).clone();
    rows_->values = {};
    out.names = rows_->names;
    out.place = [rows = std::shared_ptr<const Rows>(rows_), width](int64_t row, int64_t column) {
      const auto i = static_cast<std::size_t>(row * width + column);
      return place_text(rows->file, rows->lines[i], rows->columns[i], rows->names[static_cast<std::size_t>(column)]);
    };
    if (skipped_ > 0) {
      out.warnings.push_back(fmt::format("{}: left out {} of {} rows with missing values", file_, skipped_, total_));
    }
    return out;
  }

  RecordScanner records_;
  std::string file_;
  const DelimitedOptions& options_;
  Faults faults_;
  std::unique_ptr<Header> header_;
  std::vector<std::size_t> chosen_, filtered_;
  std::vector<Seen> seen_;  // per filter
  std::vector<Cell> cells_;
  std::shared_ptr<Rows> rows_ = std::make_shared<Rows>();
  int64_t total_ = 0, skipped_ = 0;
  bool skipping_ = false;
};

}  // namespace

Numbers parse_delimited(std::string_view text, const std::string& file, const DelimitedOptions& options,
                        std::optional<int64_t> width) {
  refuse_binary(text, file);
  return Reader(text, file, options).read(width);
}

Numbers read_delimited(const std::string& file, const DelimitedOptions& options, std::optional<int64_t> width) {
  return parse_delimited(read_bytes(file), file, options, width);
}

}  // namespace genmatch
