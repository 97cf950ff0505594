#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <boost/locale/utf.hpp>
#include <map>
#include <optional>
#include <sstream>

#include "core/config/node.h"

namespace genmatch {

namespace {

constexpr std::size_t max_depth = 100;
constexpr std::size_t max_nodes = 100000;  // aliases of aliases multiply

using Utf8 = boost::locale::utf::utf_traits<char>;

std::size_t depth(const Node& node) {
  std::size_t deepest = 0;
  for (const Node& n : node.items) deepest = std::max(deepest, depth(n));
  for (const Node::Entry& e : node.entries) deepest = std::max(deepest, depth(e.value));
  return deepest + 1;
}

std::size_t size(const Node& node) {
  std::size_t total = 1;
  for (const Node& n : node.items) total += size(n);
  for (const Node::Entry& e : node.entries) total += size(e.value);
  return total;
}

// yaml-cpp stops silently at some control characters and replaces what is no UTF-8.
bool is_text(const std::string& text, const std::string& file, Problems& problems) {
  Mark mark{file, 1, 1};
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end; ++mark.column) {
    const auto byte = static_cast<unsigned char>(*p);
    const auto c = Utf8::decode(p, end);
    if (!boost::locale::utf::is_valid_codepoint(c) || (c < 0x20 && c != '\t' && c != '\n' && c != '\r')) {
      problems.add(mark, fmt::format("is not a text file in UTF-8: found the byte 0x{:02x}", byte));
      return false;
    }
    if (c == '\n') mark = Mark{file, mark.line + 1, 0};
  }
  return true;
}

// yaml-cpp takes an end of the text for the end of a quoted one; an end of the document in it is an error.
std::string ended(const std::string& text) {
  const bool whole_lines = text.empty() || text.back() == '\n';
  return text + (whole_lines ? "...\n" : "\n...\n");
}

std::string explained(const YAML::Exception& e) {
  return e.msg == YAML::ErrorMsg::DOC_IN_SCALAR ? "a quoted text has no closing quote" : e.msg;
}

// Ends the parse; the problem has been reported.
struct Stop {};

/// Builds the tree from yaml-cpp's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& text, const std::string& file, Problems& problems)
      : text_(text), file_(file), problems_(problems) {
    root.mark = Mark{file, 1, 1};
    for (std::size_t at = 0; at != std::string::npos;) {
      line_starts_.push_back(at);
      const std::size_t end = text.find('\n', at);
      at = end == std::string::npos ? end : end + 1;
    }
  }
  Node root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, "a file holds one YAML document: remove the `---`, or what follows the document");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_as_key(mark, "nothing");
    Node node;
    // An empty value has no place of its own: yaml-cpp gives the next token's.
    node.mark = frames_.empty()      ? place(mark)
                : frames_.back().key ? frames_.back().key->mark
                                     : frames_.back().node.mark;
    add(std::move(node), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_as_key(mark, "an alias");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(mark, "the alias stands inside of what it stands for; write the value out");
    if (frames_.size() + depth(found->second) > max_depth) too_deep(mark);
    count(mark, size(found->second));
    add(found->second, 0, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    if (wants_key()) {
      add_key(mark, value);
      return;
    }
    add(Node::scalar(value, place(mark), tag == "!"), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_as_key(mark, "a list");
    push(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { pop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_as_key(mark, "a map");
    push(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { pop(); }

  /// yaml-cpp counts bytes from 0.
  Mark place(const YAML::Mark& mark) const {
    if (mark.is_null()) return Mark{file_, 0, 0};
    const auto line = static_cast<std::size_t>(mark.line);
    const bool after_end = line >= line_starts_.size();
    const std::size_t from = after_end ? line_starts_.back() : line_starts_[line];
    const std::size_t to =
        after_end ? text_.size() : std::min(text_.size(), from + static_cast<std::size_t>(mark.column));
    const auto starts_character = [](char c) { return Utf8::is_lead(c); };
    return Mark{file_, static_cast<int>(after_end ? line_starts_.size() : line + 1),
                1 + static_cast<int>(std::count_if(text_.begin() + static_cast<long>(from),
                                                   text_.begin() + static_cast<long>(to), starts_character))};
  }

 private:
  struct Key {
    std::string text;
    Mark mark;
    bool keep;  ///< false for a duplicate
  };
  struct Frame {
    Node node;
    YAML::anchor_t anchor;
    YAML::Mark start;
    std::optional<Key> key;
    std::map<std::string, Mark> keys;
  };

  [[noreturn]] void stop(const YAML::Mark& mark, const std::string& message) {
    problems_.add(place(mark), message);
    throw Stop{};
  }
  [[noreturn]] void too_deep(const YAML::Mark& mark) {
    stop(mark, fmt::format("is nested more than {} levels deep", max_depth));
  }
  void count(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > max_nodes) stop(mark, fmt::format("the file, with its aliases, has more than {} values", max_nodes));
  }
  bool wants_key() const {
    return !frames_.empty() && frames_.back().node.kind == Node::Kind::map && !frames_.back().key;
  }
  void refuse_as_key(const YAML::Mark& mark, const char* what) {
    if (!wants_key()) return;
    const auto line = static_cast<std::size_t>(mark.line);
    const bool at_end = line >= line_starts_.size() || line_starts_[line] >= text_.size();
    if (at_end) stop(mark, "is not valid YAML: the text ends before a bracket is closed");
    stop(mark, fmt::format("a key must be text, got {} (or a bracket after this place is not closed)", what));
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;  // "!" is how yaml-cpp tells that a scalar is quoted
    problems_.add(place(mark), fmt::format("YAML tags have no meaning here: remove \"{}\"", tag));
  }
  void add_key(const YAML::Mark& mark, const std::string& text) {
    const Mark here = place(mark);
    if (text == "<<") problems_.add(here, "merge keys (<<) are not supported; use `include:` or write the options out");
    const auto [first, is_new] = frames_.back().keys.emplace(text, here);
    if (!is_new)
      problems_.add(here, fmt::format("duplicate key \"{}\"; first written in line {}", text, first->second.line));
    frames_.back().key = Key{text, here, is_new};
  }
  void push(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    if (frames_.size() >= max_depth) too_deep(mark);
    Node node;
    node.kind = kind;
    node.mark = place(mark);
    frames_.push_back({std::move(node), anchor, mark, {}, {}});
  }
  void pop() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    add(std::move(frame.node), frame.anchor, frame.start);
  }
  void add(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    count(mark, 1);
    if (anchor != 0) {
      count(mark, size(node));
      anchors_[anchor] = node;
    }
    if (frames_.empty()) {
      root = std::move(node);
      return;
    }
    Frame& parent = frames_.back();
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    if (parent.key->keep) parent.node.entries.push_back({parent.key->text, parent.key->mark, std::move(node)});
    parent.key.reset();
  }

  const std::string& text_;
  const std::string& file_;
  Problems& problems_;
  std::vector<std::size_t> line_starts_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace

Node parse_yaml(const std::string& text, const std::string& file, Problems& problems) {
  Builder builder(text, file, problems);
  if (!is_text(text, file, problems)) return builder.root;
  std::istringstream in(ended(text));
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) continue;
  } catch (const YAML::Exception& e) {
    problems.add(builder.place(e.mark),
                 fmt::format("is not valid YAML: {}; look at the indentation, quotes and brackets here", explained(e)));
  } catch (const Stop&) {
  }
  return builder.root;
}

}  // namespace genmatch
