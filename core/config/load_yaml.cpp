#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "core/config/values.h"

namespace genmatch {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_bytes = 4u << 20;

bool changes_type(const Node& own, const Node& base) {
  const Node* a = own.find("type");
  const Node* b = base.find("type");
  return a != nullptr && b != nullptr && a->text != b->text;
}

/// Reads a file and, before it, what it includes. Every file is read once.
class Loader {
 public:
  explicit Loader(Problems& problems) : problems_(problems) {}

  /// `from` is where the file was asked for.
  Node load(const std::string& path, const Mark& from) {
    std::error_code ignored;
    const fs::path canonical = fs::weakly_canonical(path, ignored);
    const std::string id = canonical.empty() ? path : canonical.string();
    if (std::find(ids_.begin(), ids_.end(), id) != ids_.end()) {
      problems_.add(from,
                    fmt::format("include: the files include each other: {} -> {}", fmt::join(chain_, " -> "), path));
      return {};
    }
    const auto known = loaded_.find(id);
    if (known != loaded_.end()) return known->second;
    ids_.push_back(id);
    chain_.push_back(path);
    Node node = load_new(path, from);
    ids_.pop_back();
    chain_.pop_back();
    return loaded_[id] = std::move(node);
  }

 private:
  Node load_new(const std::string& path, const Mark& from) {
    std::string text;
    const std::string wrong = read(path, text);
    if (!wrong.empty()) {
      problems_.add(from, about(path, from) + wrong);
      return {};
    }
    Problems in_file;
    Node own = parse_yaml(text, path, in_file);
    problems_.add(in_file);
    if (!in_file.empty()) return {};
    if (own.kind == Node::Kind::null) {
      problems_.add(from, about(path, from) + "is empty; expected a map of options");
    } else if (own.kind != Node::Kind::map) {
      problems_.add(own.mark, "expected a map of options at the top of the file, got " + shown(own));
    }
    return own.kind == Node::Kind::map ? with_includes(std::move(own), path) : Node{};
  }

  Node with_includes(Node own, const std::string& path) {
    const auto is_include = [](const Node::Entry& e) { return e.key == "include"; };
    const auto include = std::find_if(own.entries.begin(), own.entries.end(), is_include);
    if (include == own.entries.end()) return own;
    const Node::Entry stated = std::move(*include);
    own.entries.erase(include);
    Node base = Node::map(own.mark);
    const Mark& mark = stated.mark;
    if (stated.value.kind != Node::Kind::list) {
      base = merge(std::move(base), load_included(stated.value, mark, path));
    }
    for (const Node& item : stated.value.items) base = merge(std::move(base), load_included(item, item.mark, path));
    return merge(std::move(base), own);
  }

  // A map, empty after a problem.
  Node load_included(const Node& name, const Mark& mark, const std::string& includer) {
    if (name.kind != Node::Kind::scalar || name.text.empty()) {
      problems_.add(mark, "include: expected the path of a YAML file, got " + shown(name));
      return Node::map();
    }
    const fs::path path = (fs::path(includer).parent_path() / name.text).lexically_normal();
    Node node = load(path.string(), mark);
    return node.kind == Node::Kind::map ? node : Node::map();
  }

  static std::string about(const std::string& path, const Mark& from) {
    return from.line > 0 ? fmt::format("include: {} ", path) : "";
  }

  // What is wrong with the file, or "".
  static std::string read(const std::string& path, std::string& text) {
    std::error_code error;
    if (fs::is_directory(path, error)) return "is a folder, not a file";
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) return fmt::format("cannot be read: {}", std::strerror(errno));
    std::string bytes(max_bytes + 1, '\0');  // not more: the path may name an endless device
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (in.bad()) return fmt::format("cannot be read: {}", std::strerror(errno));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > max_bytes) return fmt::format("is larger than {} MB: no experiment file", max_bytes >> 20);
    text = std::move(bytes);
    return "";
  }

  Problems& problems_;
  std::vector<std::string> ids_, chain_;  // the files being read, as canonical paths and as named
  std::map<std::string, Node> loaded_;
};

}  // namespace

Node merge(Node base, const Node& own) {
  if (own.kind != Node::Kind::map) return own;
  if (base.kind == Node::Kind::scalar && own.find("type") == nullptr) {  // base is a component in short form
    Node expanded = Node::map(base.mark);
    expanded.set("type", std::move(base));
    base = std::move(expanded);
  }
  if (base.kind != Node::Kind::map || changes_type(own, base)) return own;
  base.mark = own.mark;
  for (const Node::Entry& e : own.entries) {
    const auto same = [&](const Node::Entry& b) { return b.key == e.key; };
    const auto old = std::find_if(base.entries.begin(), base.entries.end(), same);
    if (old == base.entries.end()) {
      base.entries.push_back(e);
    } else {
      *old = Node::Entry{e.key, e.mark, merge(std::move(old->value), e.value)};
    }
  }
  return base;
}

Node load_yaml(const std::string& path, Problems& problems) { return Loader(problems).load(path, Mark{path}); }

}  // namespace genmatch
