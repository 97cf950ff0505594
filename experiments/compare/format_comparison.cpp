#include <fmt/format.h>

#include "core/errors.h"
#include "experiments/compare/table_text.h"

namespace genmatch {

std::string format_comparison(const Comparison& comparison, const std::string& format) {
  using Function = std::string (*)(const Comparison&);
  const std::vector<std::pair<std::string, Function>> formats = {{"terminal", format_terminal},
                                                                 {"markdown", format_markdown},
                                                                 {"csv", format_csv},
                                                                 {"latex", format_latex},
                                                                 {"json", format_json}};
  std::vector<std::string> names;
  for (const auto& [name, function] : formats) {
    if (name == format) return function(comparison);
    names.push_back(name);
  }
  throw ConfigError(fmt::format("\"{}\" is no format of a table; one of: {}", format, fmt::join(names, ", ")));
}

}  // namespace genmatch
