#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/config/values.h"

namespace genmatch {

namespace {

// Long enough for any honest value, short enough for a line.
std::string shortened(const std::string& text) {
  constexpr std::size_t most = 60;
  std::string line;
  for (char c : text) line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  if (line.size() <= most) return line;
  std::size_t end = most;
  while ((line[end] & 0xC0) == 0x80) --end;  // not inside a UTF-8 character
  return line.substr(0, end) + "…";
}

template <class T>
std::from_chars_result convert(const std::string& text, T& out) {
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-';  // from_chars knows no plus
  return std::from_chars(text.data() + (plus ? 1 : 0), text.data() + text.size(), out);
}
bool whole(const std::from_chars_result& r, const std::string& text) {
  return r.ptr == text.data() + text.size() && !text.empty();
}

std::string expected(const char* what, const Node& node) {
  std::string message = fmt::format("expected {}, got {}", what, shown(node));
  if (node.quoted) message += " in quotes, which is text";
  return message;
}

// Each parse() returns what is wrong, or "" when `out` is set.
std::string parse(const Node& node, bool& out) {
  const bool plain = node.kind == Node::Kind::scalar && !node.quoted;
  if (!plain || (node.text != "true" && node.text != "false")) return expected("true or false", node);
  out = node.text == "true";
  return "";
}

std::string parse(const Node& node, double& out) {
  constexpr const char* what = "a number";
  if (node.kind != Node::Kind::scalar || node.quoted) return expected(what, node);
  static const std::vector<std::string> not_finite{".inf", ".Inf", ".INF",
                                                   ".nan", ".NaN", ".NAN"};  // as YAML writes it
  const std::string unsigned_text = node.text.substr(node.text.find_first_not_of("+-") == 1 ? 1 : 0);
  const bool yaml_special = std::count(not_finite.begin(), not_finite.end(), unsigned_text) > 0;
  double v = 0;
  const auto r = convert(node.text, v);
  if (!yaml_special && !whole(r, node.text)) return expected(what, node);
  if (r.ec == std::errc::result_out_of_range)
    return fmt::format("{} is too large or too small for a double", shortened(node.text));
  if (yaml_special || !std::isfinite(v)) return fmt::format("must be a finite number, got {}", node.text);
  out = v;
  return "";
}

std::string parse(const Node& node, int64_t& out) {
  constexpr const char* what = "a whole number";
  if (node.kind != Node::Kind::scalar || node.quoted) return expected(what, node);
  int64_t i = 0;
  const auto r = convert(node.text, i);
  if (whole(r, node.text)) {
    if (r.ec == std::errc::result_out_of_range)
      return fmt::format("{} does not fit into 64 bits", shortened(node.text));
    out = i;
    return "";
  }
  double d = 0;  // 1e3
  if (!parse(node, d).empty() || d != std::floor(d)) return expected(what, node);
  constexpr double exact = 9007199254740992.0;  // beyond 2^53 a double may not be the number that was written
  if (std::abs(d) > exact) return fmt::format("{} is too large; write it without an exponent", shortened(node.text));
  out = static_cast<int64_t>(d);
  return "";
}

std::string parse(const Node& node, std::string& out) {
  if (node.kind != Node::Kind::scalar) return expected("text", node);
  out = node.text;
  return "";
}

std::string check(bool, const Node&, const Constraint&) { return ""; }

template <class Number>
std::string check(Number number, const Node& node, const Constraint& c) {
  const auto v = static_cast<double>(number);
  const bool low = c.min && (c.min_open ? v <= *c.min : v < *c.min);
  const bool high = c.max && (c.max_open ? v >= *c.max : v > *c.max);
  if (!low && !high) return "";
  Constraint range = c;
  range.min_size = 0;  // of the list, not of this item
  return fmt::format("must be {}, got {}", text(range), shortened(node.text));
}

std::string check(const std::string& v, const Node&, const Constraint& c) {
  if (c.one_of.empty() || std::find(c.one_of.begin(), c.one_of.end(), v) != c.one_of.end()) return "";
  std::string message = fmt::format("must be one of: {}; got \"{}\"", fmt::join(c.one_of, ", "), shortened(v));
  const std::string meant = did_you_mean(v, c.one_of);
  return meant.empty() ? message : fmt::format("{}; did you mean \"{}\"?", message, meant);
}

/// One visit of the variant.
struct ValueReader {
  const Node& node;
  const Constraint& constraint;
  const std::string& path;
  Problems& problems;

  template <class T>
  bool one(const Node& from, const std::string& where, T& out) const {
    T v{};
    std::string wrong = from.kind == Node::Kind::null ? "has no value" : parse(from, v);
    if (wrong.empty()) wrong = check(v, from, constraint);
    if (!wrong.empty()) {
      problems.add(from.mark, where + ": " + wrong);
      return false;
    }
    out = std::move(v);
    return true;
  }
  template <class T>
  void operator()(T* out) const {
    one(node, path, *out);
  }
  void operator()(Node* out) const { *out = node; }
  template <class T>
  void operator()(std::optional<T>* out) const {
    T v{};
    if (node.kind == Node::Kind::null) {
      out->reset();
    } else if (one(node, path, v)) {
      *out = std::move(v);
    }
  }
  template <class T>
  void operator()(std::vector<T>* out) const {
    std::vector<T> all;
    bool good = true;
    if (node.kind == Node::Kind::list) {
      for (std::size_t i = 0; i < node.items.size(); ++i)
        good = one(node.items[i], join_path(path, std::to_string(i)), all.emplace_back()) && good;
    } else {
      good = one(node, path, all.emplace_back());
    }
    good = good && check_size(node, all.size(), constraint, path, problems);
    if (good) *out = std::move(all);
  }
};

}  // namespace

void read_value(const Node& node, const Fields::Value& value, const Constraint& constraint, const std::string& path,
                Problems& problems) {
  std::visit(ValueReader{node, constraint, path, problems}, value);
}

bool check_size(const Node& node, std::size_t size, const Constraint& c, const std::string& path, Problems& problems) {
  if (static_cast<int64_t>(size) >= c.min_size) return true;
  problems.add(node.mark, fmt::format("{}: must have at least {} {}, got {}", path, c.min_size,
                                      c.min_size == 1 ? "entry" : "entries", size));
  return false;
}

std::string shown(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return '"' + shortened(node.text) + '"';
    case Node::Kind::list:
      return "a list";
    default:
      return "a map";
  }
}

std::string join_path(const std::string& path, const std::string& key) {
  return path.empty() ? key : key.empty() ? path : path + "." + key;
}

}  // namespace genmatch
