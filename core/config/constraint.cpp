#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/config/fields.h"

namespace genmatch {

Constraint operator&(Constraint a, const Constraint& b) {
  if (b.min && (!a.min || *b.min > *a.min || (*b.min == *a.min && b.min_open))) {
    a.min = b.min;
    a.min_open = b.min_open;
  }
  if (b.max && (!a.max || *b.max < *a.max || (*b.max == *a.max && b.max_open))) {
    a.max = b.max;
    a.max_open = b.max_open;
  }
  if (a.one_of.empty()) {
    a.one_of = b.one_of;
  } else if (!b.one_of.empty()) {
    const auto refused = [&](const std::string& name) {
      return std::find(b.one_of.begin(), b.one_of.end(), name) == b.one_of.end();
    };
    a.one_of.erase(std::remove_if(a.one_of.begin(), a.one_of.end(), refused), a.one_of.end());
  }
  a.required = a.required || b.required;
  a.min_size = std::max(a.min_size, b.min_size);
  return a;
}

std::string text(const Constraint& c) {
  std::vector<std::string> parts;
  if (c.min && c.max) {
    parts.push_back(fmt::format("in {}{}, {}{}", c.min_open ? '(' : '[', *c.min, *c.max, c.max_open ? ')' : ']'));
  } else if (c.min) {
    parts.push_back(fmt::format("{} {}", c.min_open ? ">" : ">=", *c.min));
  } else if (c.max) {
    parts.push_back(fmt::format("{} {}", c.max_open ? "<" : "<=", *c.max));
  }
  if (!c.one_of.empty()) parts.push_back(fmt::format("one of: {}", fmt::join(c.one_of, ", ")));
  if (c.min_size == 1) parts.push_back("not empty");
  if (c.min_size > 1) parts.push_back(fmt::format("at least {} entries", c.min_size));
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace genmatch
