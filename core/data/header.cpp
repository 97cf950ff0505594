#include "core/data/header.h"

#include <fmt/format.h>

#include <boost/algorithm/string/predicate.hpp>
#include <charconv>
#include <functional>
#include <optional>

#include "core/config/node.h"
#include "core/data/cell_value.h"
#include "core/data/numbers.h"
#include "core/errors.h"

namespace genmatch {

namespace {

bool looks_like_header(const std::vector<Cell>& cells) {
  bool text = false;
  for (const Cell& cell : cells) {
    const CellValue value = cell_value(cell.text);
    if (value.kind == CellValue::Kind::number) return false;
    text = text || value.kind == CellValue::Kind::faulty;
  }
  return text;
}

std::optional<std::size_t> as_position(const std::string& text) {
  std::size_t position = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (error != std::errc() || stop != text.data() + text.size() || text.empty()) return {};
  return position;
}

}  // namespace

Header::Header(const std::vector<Cell>& first, const std::string& stated)
    : present_(stated == "yes" || (stated == "auto" && looks_like_header(first))) {
  for (const Cell& cell : first) {
    const bool named = present_ && !cell.text.empty();
    names_.push_back(named ? cell.text : fmt::format("column {}", names_.size() + 1));
  }
}

std::string Header::name(std::size_t i) const { return printable(names_[i]); }

std::string Header::list() const {
  constexpr std::size_t most = 30;
  std::string all;
  for (std::size_t i = 0; i < size() && i < most; ++i) all += (i > 0 ? ", " : "") + name(i);
  return size() > most ? all + fmt::format(", … ({} in all)", size()) : all;
}

std::size_t Header::find(const std::string& wanted, const std::string& place) const {
  using Equal = std::function<bool(const std::string&)>;
  const Equal same = [&](const std::string& name) { return name == wanted; };
  const Equal same_letters = [&](const std::string& name) { return boost::algorithm::iequals(name, wanted); };
  for (const Equal& equal : {same, same_letters}) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; present_ && i < size(); ++i) {
      if (!equal(names_[i])) continue;
      if (found) {
        throw DataError(fmt::format("{}: columns {} and {} are both named {}; choose by position, e.g. \"{}\"", place,
                                    *found + 1, i + 1, in_quotes(wanted), i + 1));
      }
      found = i;
    }
    if (found) return *found;
  }
  if (const auto position = as_position(wanted)) {
    if (*position >= 1 && *position <= size()) return *position - 1;
    throw DataError(fmt::format("{}: there is no column {}: the file has {}, counted from 1", place, wanted, size()));
  }
  if (!present_) {
    throw DataError(
        fmt::format("{}: there is no column {}, for the file has no line of names; choose columns by "
                    "position (columns: [1, 2]), or say header: yes if the first line is one",
                    place, in_quotes(wanted)));
  }
  const std::string meant = did_you_mean(wanted, names_);
  throw DataError(fmt::format("{}: there is no column {}{}; the file has: {}", place, in_quotes(wanted),
                              meant.empty() ? "" : "; did you mean \"" + meant + "\"?", list()));
}

}  // namespace genmatch
