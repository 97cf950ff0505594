#include "core/data/statistic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace genmatch {

std::string text(const std::vector<Statistic>& statistics) {
  std::vector<std::string> parts;
  for (const Statistic& s : statistics) {
    std::string part = fmt::format("{} {:.5g}", s.name, s.value);
    if (s.error) part += fmt::format(" ± {:.2g}", *s.error);
    if (s.expected) part += fmt::format(" where {:.5g} is right", *s.expected);
    parts.push_back(part);
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace genmatch
