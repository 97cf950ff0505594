#include <utility>

#include "core/config/choice.h"
#include "core/config/values.h"

namespace genmatch {

namespace {

std::string as_yaml(const Node& node) {
  const std::string text = to_yaml(node);
  return text.substr(0, text.find_last_not_of('\n') + 1);
}

class Describer final : public Fields {
 public:
  Describer(const Catalog& catalog, std::string path) : Fields(catalog), path_(std::move(path)) {}
  std::vector<FieldDoc> docs;
  std::string inline_kind;

 protected:
  void value(const std::string& key, Value value, const std::string& doc, const Constraint& c) override {
    add(key, type_name(value), write_value(value), doc, c);
  }
  void choice(const std::string& key, AnyChoice& choice, const std::string& doc, const Constraint& c) override {
    const std::string kind = choice.kind(catalog());
    if (key.empty()) inline_kind = kind;
    add(key.empty() ? "type" : key, kind, name_of(choice), doc, c);
  }
  void choices(const std::string& key, AnyChoices& choices, const std::string& doc, const Constraint& c) override {
    Node names;
    names.kind = Node::Kind::list;
    for (AnyChoice* choice : choices.all()) names.items.push_back(name_of(*choice));
    add(key, "list of " + choices.kind(catalog()) + "s", names, doc, c);
  }
  void records(const std::string& key, AnyRecords& records, const std::string& doc, const Constraint& c) override {
    const Node defaults = write_fields([&](Fields& f) { f(key.c_str(), records, ""); }, catalog());
    const bool none = records.size() == 0;
    if (none) records.append("", {});
    Describer nested(catalog(), join_path(path_, key) + (records.named() ? ".<name>" : "[]"));
    records.fields(0, nested);
    if (none) records.clear();
    const std::string items = nested.inline_kind.empty() ? "maps" : nested.inline_kind + "s";
    add(key, (records.named() ? "map of " : "list of ") + items, *defaults.find(key), doc, c);
    append(std::move(nested));
  }
  void section(const std::string& key, const std::function<void(Fields&)>& section, const std::string&,
               const Constraint&) override {
    Describer nested(catalog(), join_path(path_, key));
    section(nested);
    append(std::move(nested));
  }

 private:
  static Node name_of(const AnyChoice& choice) { return choice.name().empty() ? Node{} : Node::scalar(choice.name()); }
  void add(const std::string& key, const std::string& type, const Node& value, const std::string& doc,
           const Constraint& c) {
    docs.push_back({join_path(path_, key), type, c.required ? "required" : as_yaml(value), text(c), doc});
  }
  void append(Describer&& nested) {
    for (FieldDoc& d : nested.docs) docs.push_back(std::move(d));
  }

  const std::string path_;
};

}  // namespace

std::vector<FieldDoc> describe_fields(const std::function<void(Fields&)>& fields, const Catalog& catalog) {
  Describer describer(catalog, "");
  fields(describer);
  return std::move(describer.docs);
}

}  // namespace genmatch
