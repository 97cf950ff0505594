#include "core/data/numbers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/errors.h"

namespace genmatch {

namespace {

constexpr std::size_t kMostFaults = 5, kLongest = 40;

}  // namespace

void Faults::add(const std::string& fault) {
  faults_.push_back(fault);
  if (faults_.size() < kMostFaults) return;
  faults_.push_back(fmt::format("stopped reading after {} problems", kMostFaults));
  throw_if_any();
}

void Faults::throw_if_any() const {
  if (!faults_.empty()) throw DataError(fmt::format("{}", fmt::join(faults_, "\n")));
}

std::string printable(std::string_view text) {
  std::size_t end = std::min(text.size(), kLongest);
  while (end < text.size() && end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not inside a UTF-8 character
  using Json = nlohmann::json;
  const std::string shown = Json(std::string(text.substr(0, end))).dump(-1, ' ', false, Json::error_handler_t::replace);
  return shown.substr(1, shown.size() - 2) + (end < text.size() ? "…" : "");
}

std::string in_quotes(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace genmatch
