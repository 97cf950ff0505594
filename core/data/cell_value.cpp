#include "core/data/cell_value.h"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <charconv>
#include <cmath>
#include <system_error>

#include "core/data/numbers.h"

namespace genmatch {

namespace {

bool means_missing(const std::string& text) {
  const std::string lower = boost::algorithm::to_lower_copy(text);
  for (const char* marker : {"", "nan", "-nan", "na", "n/a", "null", "none", "?", "-"}) {
    if (lower == marker) return true;
  }
  return false;
}

bool has_decimal_comma(const std::string& text) {
  return std::count(text.begin(), text.end(), ',') == 1 && text.find_first_not_of("+-0123456789,eE") == text.npos;
}

}  // namespace

CellValue cell_value(const std::string& text) {
  using Kind = CellValue::Kind;
  if (means_missing(text)) {
    const std::string what = text.empty() ? "is empty" : "is missing (" + in_quotes(text) + ")";
    return {Kind::missing, 0, what + "; correct it, or leave such rows out with missing: skip"};
  }
  const char* first = text.data() + (text.size() > 1 && text[0] == '+' && text[1] != '-' ? 1 : 0);
  const char* last = text.data() + text.size();
  double value = 0;
  const auto [stop, error] = std::from_chars(first, last, value);
  if (error == std::errc::result_out_of_range) {
    return {Kind::faulty, 0, in_quotes(text) + " is out of the range of a double; correct it"};
  }
  if (error != std::errc() || stop != last) {
    const std::string hint = has_decimal_comma(text) ? "; decimals are written with a point" : "";
    return {Kind::faulty, 0, "expected a number, got " + in_quotes(text) + hint};
  }
  if (!std::isfinite(value))
    return {Kind::faulty, 0, "is infinite (" + in_quotes(text) + "); correct or remove the row"};
  return {Kind::number, value, ""};
}

}  // namespace genmatch
