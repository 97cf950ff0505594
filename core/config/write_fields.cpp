#include "core/config/choice.h"
#include "core/config/values.h"

namespace genmatch {

namespace {

/// Writes the options into one map.
class Writer final : public Fields {
 public:
  using Fields::Fields;
  Node map = Node::map();

 protected:
  void value(const std::string& key, Value value, const std::string&, const Constraint&) override {
    map.set(key, write_value(value));
  }
  void choice(const std::string& key, AnyChoice& choice, const std::string&, const Constraint&) override {
    if (!key.empty()) {
      map.set(key, component(choice));
    } else {
      for (Node::Entry& e : component(choice).entries) map.entries.push_back(std::move(e));
    }
  }
  void choices(const std::string& key, AnyChoices& choices, const std::string&, const Constraint&) override {
    Node list = empty_list();
    for (AnyChoice* choice : choices.all()) list.items.push_back(component(*choice));
    map.set(key, std::move(list));
  }
  void records(const std::string& key, AnyRecords& records, const std::string&, const Constraint&) override {
    Node all = records.named() ? Node::map() : empty_list();
    for (std::size_t i = 0; i < records.size(); ++i) {
      Node record = write_fields([&](Fields& f) { records.fields(i, f); }, catalog());
      if (records.named()) {
        all.set(records.name(i), std::move(record));
      } else {
        all.items.push_back(std::move(record));
      }
    }
    map.set(key, std::move(all));
  }
  void section(const std::string& key, const std::function<void(Fields&)>& section, const std::string&,
               const Constraint&) override {
    map.set(key, write_fields(section, catalog()));
  }

 private:
  static Node empty_list() {
    Node list;
    list.kind = Node::Kind::list;
    return list;
  }
  // {type: name, ...options}; null where nothing is chosen.
  Node component(AnyChoice& choice) const {
    if (choice.name().empty()) return {};
    Writer writer(catalog());
    writer.map.set("type", Node::scalar(choice.name()));
    choice.fields(writer);
    return std::move(writer.map);
  }
};

}  // namespace

Node write_fields(const std::function<void(Fields&)>& fields, const Catalog& catalog) {
  Writer writer(catalog);
  fields(writer);
  return std::move(writer.map);
}

}  // namespace genmatch
