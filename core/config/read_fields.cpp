#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "core/config/choice.h"
#include "core/config/values.h"

namespace genmatch {

namespace {

/// What stays the same while a tree is read.
struct Session {
  const Catalog& catalog;
  const std::function<void(Fields&)>& root;
};

/// Reads the options of one map. A scalar in its place is the short form of an inline choice.
class Reader final : public Fields {
 public:
  /// `owner` is e.g. "model mlp", or "" for the top of the file.
  static void read(const Node& node, const std::string& path, const std::string& owner,
                   const std::function<void(Fields&)>& visit, const Session& session, Problems& problems,
                   bool has_type = false) {
    if (node.kind == Node::Kind::list) return refuse(node, path, problems);
    Problems found;
    Reader reader(node, path, owner, session, found);
    if (has_type) reader.known_.emplace_back("type");
    visit(reader);
    if (node.kind == Node::Kind::scalar && !reader.has_inline_choice_) return refuse(node, path, problems);
    reader.refuse_unknown();
    problems.add(found);
  }

 protected:
  void value(const std::string& key, Value value, const std::string& doc, const Constraint& c) override {
    const Node* node = find(key, doc, c);
    if (node != nullptr) read_value(*node, value, c, at(key), problems_);
  }

  void choice(const std::string& key, AnyChoice& choice, const std::string& doc, const Constraint& c) override {
    if (key.empty()) return read_inline(choice);
    const bool has_default = !choice.name().empty();
    const Node* node = find(key, has_default ? doc : doc + options_text(choice), c);
    if (node == nullptr) {
      if (has_default && !c.required) read_choice(Node::map(node_.mark), at(key), choice);
    } else if (node->kind != Node::Kind::null || has_default || c.required) {
      read_choice(*node, at(key), choice);
    }
  }

  void choices(const std::string& key, AnyChoices& choices, const std::string& doc, const Constraint& c) override {
    const Node* node = find(key, doc, c);
    if (node == nullptr) {
      for (AnyChoice* choice : choices.all()) read_choice(Node::map(node_.mark), at(key), *choice);
      return;
    }
    choices.clear();
    each_item(*node, at(key), c,
              [&](const Node& item, const std::string& path) { read_choice(item, path, choices.append()); });
  }

  void records(const std::string& key, AnyRecords& records, const std::string& doc, const Constraint& c) override {
    const Node* node = find(key, doc, c);
    if (node == nullptr) {
      for (std::size_t i = 0; i < records.size(); ++i) read_record(Node::map(node_.mark), at(key), records, i);
      return;
    }
    records.clear();
    const auto add = [&](const std::string& name, const Mark& mark, const Node& item, const std::string& path) {
      records.append(name, mark);
      read_record(item, path, records, records.size() - 1);
    };
    if (!records.named()) {
      each_item(*node, at(key), c, [&](const Node& item, const std::string& path) { add("", item.mark, item, path); });
    } else if (node->kind == Node::Kind::map) {
      for (const Node::Entry& e : node->entries) add(e.key, e.mark, e.value, join_path(at(key), e.key));
      check_size(*node, node->entries.size(), c, at(key), problems_);
    } else {
      problems_.add(node->mark, at(key) + ": " + absent_or(*node, "expected a map from names to options"));
    }
  }

  void section(const std::string& key, const std::function<void(Fields&)>& read_section, const std::string& doc,
               const Constraint& c) override {
    const Node* node = find(key, doc, c);
    if (node == nullptr && c.required) return;
    const Node none = Node::map(node_.mark);
    if (node != nullptr && node->kind == Node::Kind::null) {
      problems_.add(node->mark, at(key) + ": has no value");
      return;
    }
    read(node == nullptr ? none : *node, at(key), at(key), read_section, session_, problems_);
  }

 private:
  Reader(const Node& node, std::string path, std::string owner, const Session& session, Problems& problems)
      : Fields(session.catalog),
        node_(node),
        path_(std::move(path)),
        owner_(std::move(owner)),
        session_(session),
        problems_(problems) {}

  std::string at(const std::string& key) const { return join_path(path_, key); }

  static std::string absent_or(const Node& node, const std::string& expected) {
    return node.kind == Node::Kind::null ? "has no value" : expected + ", got " + shown(node);
  }
  static void refuse(const Node& node, const std::string& path, Problems& problems) {
    problems.add(node.mark, (path.empty() ? "" : path + ": ") + absent_or(node, "expected a map of options"));
  }

  // The value of a key, which becomes a known one; null and a problem if it is required but missing.
  const Node* find(const std::string& key, const std::string& doc, const Constraint& c) {
    known_.push_back(key);
    const Node* node = node_.find(key);
    if (node == nullptr && c.required) problems_.add(node_.mark, fmt::format("{}: is missing ({})", at(key), doc));
    return node;
  }

  std::string options_text(const AnyChoice& choice) const {
    const auto names = choice.names(catalog());
    return names.empty() ? "" : fmt::format("; one of: {}", fmt::join(names, ", "));
  }

  // The items of a list, or the one that stands in its place.
  template <class Read>
  void each_item(const Node& node, const std::string& path, const Constraint& c, const Read& read_item) {
    if (node.kind == Node::Kind::null) {
      problems_.add(node.mark, path + ": has no value; an empty list is written []");
    } else if (node.kind == Node::Kind::list) {
      for (std::size_t i = 0; i < node.items.size(); ++i) read_item(node.items[i], join_path(path, std::to_string(i)));
      check_size(node, node.items.size(), c, path, problems_);
    } else {
      read_item(node, path);
    }
  }

  void read_record(const Node& node, const std::string& path, AnyRecords& records, std::size_t i) {
    if (node.kind == Node::Kind::null) return refuse(node, path, problems_);
    read(
        node, path, path, [&](Fields& f) { records.fields(i, f); }, session_, problems_);
  }

  void read_choice(const Node& node, const std::string& path, AnyChoice& choice) {
    if (node.kind == Node::Kind::null || node.kind == Node::Kind::list) {
      problems_.add(node.mark, path + ": " + absent_or(node, "expected a name or a map with `type`"));
      return;
    }
    const Node* type = node.kind == Node::Kind::scalar ? &node : node.find("type");
    if (!select(choice, node, type, path)) return;
    const Node options = node.kind == Node::Kind::scalar ? Node::map(node.mark) : node;
    read(
        options, path, choice.kind(catalog()) + " " + choice.name(), [&](Fields& f) { choice.fields(f); }, session_,
        problems_, true);
  }

  // The choice's type and options stand among the options of this map.
  void read_inline(AnyChoice& choice) {
    has_inline_choice_ = true;
    known_.emplace_back("type");
    const Node* type = node_.kind == Node::Kind::scalar ? &node_ : node_.find("type");
    all_known_ = select(choice, node_, type, path_);
    if (!all_known_) return;
    owner_ = choice.kind(catalog()) + " " + choice.name();
    choice.fields(*this);
  }

  // Makes the choice and marks it. Without a type the default stays. False after a problem.
  bool select(AnyChoice& choice, const Node& node, const Node* type, const std::string& path) {
    const std::string kind = choice.kind(catalog());
    const Mark& mark = type != nullptr ? type->mark : node.mark;
    if (type == nullptr && choice.name().empty()) {
      problems_.add(node.mark,
                    fmt::format("{}: is missing (which {}{})", join_path(path, "type"), kind, options_text(choice)));
      return false;
    }
    if (type != nullptr && type->kind != Node::Kind::scalar) {
      problems_.add(mark, join_path(path, "type") + ": " + absent_or(*type, "expected the name of a " + kind));
      return false;
    }
    const std::string name = type != nullptr ? type->text : choice.name();
    const auto names = choice.names(catalog());
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string meant = did_you_mean(name, names);
      problems_.add(mark, fmt::format("{}: unknown {} {}{}{}", path, kind, shown(Node::scalar(name)),
                                      names.empty() ? "; there are none" : options_text(choice),
                                      meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
      return false;
    }
    if (type != nullptr) choice.select(catalog(), name);
    choice.mark = node.mark;
    choice.option_marks.clear();
    for (const Node::Entry& e : node.entries) choice.option_marks[e.key] = e.value.mark;
    return true;
  }

  void refuse_unknown() {
    if (!all_known_) return;
    const std::set<std::string> known(known_.begin(), known_.end());
    for (const Node::Entry& e : node_.entries) {
      if (known.count(e.key) > 0) continue;
      problems_.add(e.mark, fmt::format("unknown option {}{}; {}", shown(Node::scalar(e.key)),
                                        owner_.empty() ? "" : " of " + owner_, advice(e.key)));
    }
  }

  std::string advice(const std::string& key) const {
    const std::string near = did_you_mean(key, known_);
    if (!near.empty()) return fmt::format("did you mean \"{}\"?", near);
    const std::string far = elsewhere(key);
    if (!far.empty()) return fmt::format("did you mean \"{}\"{}?", far, far == key ? " at the top of the file" : "");
    std::vector<std::string> options = known_;
    options.erase(std::remove(options.begin(), options.end(), "type"), options.end());
    return options.empty() ? "it has no options" : fmt::format("the options are: {}", fmt::join(options, ", "));
  }

  // An option of that name at another level of the file.
  std::string elsewhere(const std::string& key) const {
    for (const FieldDoc& doc : describe_fields(session_.root, catalog())) {
      const std::size_t dot = doc.key.rfind('.');
      if (doc.key.substr(dot == std::string::npos ? 0 : dot + 1) == key && doc.key != at(key)) return doc.key;
    }
    return "";
  }

  const Node& node_;
  const std::string path_;
  std::string owner_;
  const Session& session_;
  Problems& problems_;
  std::vector<std::string> known_;
  bool has_inline_choice_ = false;
  bool all_known_ = true;  ///< false where the options depend on a component that is unknown
};

}  // namespace

void read_fields(const Node& node, const std::function<void(Fields&)>& fields, const Catalog& catalog,
                 Problems& problems) {
  Reader::read(node, "", "", fields, Session{catalog, fields}, problems);
}

}  // namespace genmatch
