#pragma once
// A YAML document as a tree in which every value knows where it was written.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace genmatch {

/// Where something was written. `file` is a path, or "--set KEY" for a value from the command line.
struct Mark {
  std::string file;
  int line = 0;              ///< from 1; 0 means the place is unknown
  int column = 0;            ///< from 1
  std::string text() const;  ///< "file:line:column", as much of it as is known
};

/// All that is wrong with the input, gathered so that it can be reported together.
class Problems {
 public:
  void add(const Mark& mark, const std::string& message);
  void add(const Problems& others);
  bool empty() const { return lines_.empty(); }
  const std::vector<std::string>& lines() const { return lines_; }
  /// Throws ConfigError with one line per problem (at most 100, then their number), if there is any.
  void throw_if_any() const;

 private:
  std::vector<std::string> lines_;
};

struct Node {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  Mark mark;
  std::string text;     ///< a scalar's text
  bool quoted = false;  ///< "5" in quotes is text, not a number
  std::vector<Node> items;
  std::vector<Entry> entries;  ///< in the order written

  const Node* find(std::string_view key) const;  ///< null if this is no map or has no such key
  Node* find(std::string_view key);
  static Node scalar(std::string text, Mark mark = {}, bool quoted = false);
  static Node map(Mark mark = {});
  Node& set(const std::string& key, Node value);  ///< replaces or appends; turns a null node into a map
};

struct Node::Entry {
  std::string key;
  Mark mark;  ///< of the key
  Node value;
};

/// Parses one document; aliases are expanded. Syntax errors, duplicate keys, keys that are not text, tags, aliases
/// that make a cycle or a tree of more than 100 000 nodes, and more than 100 levels go to `problems`; where the parse
/// cannot go on, the result is a null node. A value that is left out has the mark of its key. Columns count characters.
Node parse_yaml(const std::string& text, const std::string& file, Problems& problems);

/// Reads an experiment file and what it includes: `include: other.yaml` (or a list), paths relative to the file
/// that names them. Later files override earlier ones, and the file itself all that it includes. Maps are merged, but
/// one whose `type` changes is replaced, and a short form takes the options of a map without `type`; lists are
/// replaced. A cycle (with its chain), a file that cannot be read, is empty, is no map or exceeds 4 MB are problems.
Node load_yaml(const std::string& path, Problems& problems);

/// What `own` states wins over `base`, as an including file's options over those of the files it includes. What is new
/// has the marks of `own`.
Node merge(Node base, const Node& own);

/// Merges `own` into what stands at a key like "model.width", which is made if it is not there; or adds a problem at
/// `mark` (where the key was written) and changes no value. Keys name what they do for apply_override.
void merge_at(Node& root, const std::string& key, const Mark& mark, const Node& own, Problems& problems);

/// Applies "a.b=value", or adds a problem and leaves the tree as it is (the value is YAML; a list item is named
/// by its index; a component given in short form `path: geodesic` becomes `{type: geodesic}` when one of its keys is
/// set).
void apply_override(Node& root, const std::string& assignment, Problems& problems);

/// Writes a tree back as YAML, block style with short flow-style leaves. parse_yaml(to_yaml(n)) equals n but for the
/// marks, and for the quotes of text that needs them.
std::string to_yaml(const Node& node);

/// The same in a single line: `{type: mlp, width: 64}`.
std::string to_flow_yaml(const Node& node);

/// The nearest of `candidates` if it is near enough to be what was meant, else "".
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace genmatch
