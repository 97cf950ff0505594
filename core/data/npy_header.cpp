#include "core/data/npy_header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include "core/data/numbers.h"
#include "core/errors.h"

namespace genmatch {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// The Python dictionary of the header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class Dictionary {
 public:
  Dictionary(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  NpyHeader parse() {
    NpyHeader header;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!take('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !descr) {
        if (peek() == '[') throw DataError(name_ + ": holds records with fields; save one plain array per file");
        header.descr = string();
        descr = true;
      } else if (key == "fortran_order" && !order) {
        header.fortran_order = boolean();
        order = true;
      } else if (key == "shape" && !shape) {
        header.shape = tuple();
        shape = true;
      } else {
        fail("has the unexpected key " + in_quotes(key));
      }
      if (!take(',') && peek() != '}') fail("lacks a comma");
    }
    if (!descr || !order || !shape) fail("lacks descr, fortran_order or shape");
    if (peek() != '\0') fail("goes on after its end");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(fmt::format("{}: the NumPy header {} (at byte {}); the file is damaged", name_, what, position_));
  }
  char peek() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(fmt::format("lacks '{}'", c));
  }
  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("lacks a quoted text");
    const std::size_t start = position_ + 1, stop = text_.find(quote, start);
    if (stop == std::string_view::npos) fail("has an open quote");
    position_ = stop + 1;
    return std::string(text_.substr(start, stop - start));
  }
  bool boolean() {
    peek();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(position_, word.size()) != word) continue;
      position_ += word.size();
      return value;
    }
    fail("lacks True or False");
  }
  Shape tuple() {
    Shape shape;
    expect('(');
    while (!take(')')) {
      peek();
      int64_t size = 0;
      const auto [stop, error] = std::from_chars(text_.data() + position_, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0) fail("has no valid shape");
      position_ = static_cast<std::size_t>(stop - text_.data());
      shape.push_back(size);
      if (!take(',') && peek() != ')') fail("has no valid shape");
    }
    return shape;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t position_ = 0;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view bytes, const std::string& name) {
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    throw DataError(name + ": is not a NumPy file (it does not begin with \\x93NUMPY)");
  }
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  const bool short_length = bytes.size() > 6 && byte(6) == 1;
  const std::size_t start = short_length ? 10 : 12;
  if (bytes.size() < start) throw DataError(name + ": ends within the NumPy header; the file is cut off");
  if (byte(6) < 1 || byte(6) > 3 || byte(7) != 0) {
    throw DataError(
        fmt::format("{}: NumPy format version {}.{} is not known; expected 1.0, 2.0 or 3.0", name, byte(6), byte(7)));
  }
  const std::size_t low = byte(8) | byte(9) << 8;
  const std::size_t length = short_length ? low : low | byte(10) << 16 | byte(11) << 24;
  if (bytes.size() - start < length) {
    throw DataError(name + ": ends within the NumPy header; the file is cut off");
  }
  NpyHeader header = Dictionary(bytes.substr(start, length), name).parse();
  header.data_offset = start + length;
  return header;
}

std::string npy_header_bytes(const std::string& descr, const Shape& shape) {
  const std::string comma = shape.size() == 1 ? "," : "";
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr, fmt::join(shape, ", "), comma);
  constexpr std::size_t before = 10, alignment = 64;
  dictionary.append(alignment - 1 - (before + dictionary.size()) % alignment, ' ');
  dictionary += '\n';
  const std::string version{1, 0};
  const std::string length{static_cast<char>(dictionary.size() & 0xff), static_cast<char>(dictionary.size() >> 8)};
  return std::string(kMagic) + version + length + dictionary;
}

}  // namespace genmatch
