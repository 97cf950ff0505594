#include "core/data/numbers.h"

#include <fmt/format.h>

#include "core/errors.h"

namespace genmatch {

namespace {

constexpr std::size_t kMostFaults = 5, kLongest = 30;

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

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte >= 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return shown + (text.size() > kLongest ? "…\"" : "\"");
}

}  // namespace genmatch
