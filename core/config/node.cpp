#include "core/config/node.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/errors.h"

namespace genmatch {

std::string Mark::text() const {
  if (line <= 0) return file;
  const std::string place = column > 0 ? fmt::format("{}:{}", line, column) : std::to_string(line);
  return file.empty() ? place : file + ":" + place;
}

void Problems::add(const Mark& mark, const std::string& message) {
  const std::string place = mark.text();
  lines_.push_back(place.empty() ? message : place + ": " + message);
}

void Problems::add(const Problems& others) { lines_.insert(lines_.end(), others.lines_.begin(), others.lines_.end()); }

void Problems::throw_if_any() const {
  if (lines_.empty()) return;
  constexpr std::size_t most = 100;  // a file of another kind has a problem in every line
  const std::size_t shown = std::min(lines_.size(), most);
  std::string all = fmt::format("{}", fmt::join(lines_.begin(), lines_.begin() + static_cast<long>(shown), "\n"));
  if (shown < lines_.size()) all += fmt::format("\n… and {} more problems", lines_.size() - shown);
  throw ConfigError(all);
}

const Node* Node::find(std::string_view key) const {
  for (const Entry& e : entries)
    if (e.key == key) return &e.value;
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node Node::scalar(std::string text, Mark mark, bool quoted) {
  Node node;
  node.kind = Kind::scalar;
  node.mark = std::move(mark);
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

Node Node::map(Mark mark) {
  Node node;
  node.kind = Kind::map;
  node.mark = std::move(mark);
  return node;
}

Node& Node::set(const std::string& key, Node value) {
  if (kind == Kind::null) kind = Kind::map;
  if (kind != Kind::map) throw ContractError("Node::set: expected a map or null, got a scalar or a list");
  Node* old = find(key);
  if (old != nullptr) return *old = std::move(value);
  const Mark key_mark = value.mark;
  return entries.emplace_back(Entry{key, key_mark, std::move(value)}).value;
}

}  // namespace genmatch
