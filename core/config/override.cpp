#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/config/values.h"

namespace genmatch {

namespace {

// The whole value was written in one word on the command line; its place is that word.
void place(Node& node, const Mark& mark) {
  node.mark = mark;
  for (Node& n : node.items) place(n, mark);
  for (Node::Entry& e : node.entries) {
    e.mark = mark;
    place(e.value, mark);
  }
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> keys(1);
  for (char c : path) {
    if (c == '.') {
      keys.emplace_back();
    } else {
      keys.back() += c;
    }
  }
  return keys;
}

// The item of a list that `key` names by its index; null and a problem if there is none.
Node* item(Node& list, const std::string& key, const Mark& mark, Problems& problems) {
  std::size_t i = 0;
  const char* end = key.data() + key.size();
  const auto [stop, error] = std::from_chars(key.data(), end, i);
  if (stop == end && error == std::errc() && i < list.items.size()) return &list.items[i];
  problems.add(mark, fmt::format("\"{}\" is no item of this list, which has {}; items are named by their index, from 0",
                                 key, list.items.size()));
  return nullptr;
}

// The node below `node` that `key` names, made if there is none; null after a problem.
Node* below(Node& node, const std::string& key, const Mark& mark, Problems& problems) {
  if (node.kind == Node::Kind::list) return item(node, key, mark, problems);
  if (node.kind == Node::Kind::scalar) {  // a component in short form
    Node expanded = Node::map(node.mark);
    expanded.set("type", std::move(node));
    node = std::move(expanded);
  }
  if (node.kind == Node::Kind::null) node = Node::map(mark);
  Node* found = node.find(key);
  if (found != nullptr) return found;
  Node made;
  made.mark = mark;
  return &node.set(key, std::move(made));
}

// The node that `path` names, made if there is none; null after a problem.
Node* reach(Node& root, const std::string& path, const Mark& mark, Problems& problems) {
  const std::vector<std::string> keys = split(path);
  constexpr std::size_t deepest = 100;
  const bool empty_key = std::find(keys.begin(), keys.end(), "") != keys.end();
  if (keys.size() > deepest) {
    problems.add(mark, "is nested too deeply");
  } else if (empty_key) {
    problems.add(mark, "expected keys joined by single dots, e.g. model.width");
  } else {
    Node* node = &root;
    for (std::size_t i = 0; i < keys.size() && node != nullptr; ++i) node = below(*node, keys[i], mark, problems);
    return node;
  }
  return nullptr;
}

}  // namespace

void merge_at(Node& root, const std::string& key, const Mark& mark, const Node& own, Problems& problems) {
  Node* node = reach(root, key, mark, problems);
  if (node != nullptr) *node = merge(std::move(*node), own);
}

void apply_override(Node& root, const std::string& assignment, Problems& problems) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    const std::string got = shown(Node::scalar(assignment));
    return problems.add(Mark{"--set"}, fmt::format("expected KEY=VALUE, e.g. model.width=128, got {}", got));
  }
  const std::string path = assignment.substr(0, equals);
  const Mark mark{"--set " + path};
  Problems wrong;
  Node value = parse_yaml(assignment.substr(equals + 1), mark.file, wrong);
  problems.add(wrong);
  if (!wrong.empty()) return;
  place(value, mark);
  Node* node = reach(root, path, mark, problems);
  if (node != nullptr) *node = std::move(value);
}

}  // namespace genmatch
