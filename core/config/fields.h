#pragma once
// One statement per option. A component lists its options once,
//
//   struct Options {
//     int64_t width = 64;
//     std::string activation = "silu";
//     Choice<Schedule> schedule{"linear"};        // another component (choice.h)
//     void fields(Fields& f) {
//       f("width", width, "hidden units per layer", at_least(1));
//       f("activation", activation, "nonlinearity", one_of({"silu", "selu", "tanh"}));
//       f("schedule", schedule, "how time runs along the path");
//     }
//   };
//
// and the visitors below read it from YAML with its range, describe it, and write it to the resolved file.
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/config/node.h"

namespace genmatch {

struct Catalog;
class AnyChoice;

/// What a value must satisfy; joined by `&`.
struct Constraint {
  std::optional<double> min, max;
  bool min_open = false, max_open = false;  ///< the bound itself is excluded
  std::vector<std::string> one_of;
  bool required = false;
  int64_t min_size = 0;  ///< of a list
};
Constraint operator&(Constraint a, const Constraint& b);
inline Constraint at_least(double min) { return Constraint{min, {}, false, false, {}, false, 0}; }
inline Constraint above(double min) { return Constraint{min, {}, true, false, {}, false, 0}; }
inline Constraint between(double min, double max) { return Constraint{min, max, false, false, {}, false, 0}; }
inline Constraint below(double max) { return Constraint{{}, max, false, true, {}, false, 0}; }
inline Constraint one_of(std::vector<std::string> names) {
  return Constraint{{}, {}, false, false, std::move(names), false, 0};
}
inline Constraint not_empty() { return Constraint{{}, {}, false, false, {}, false, 1}; }
inline const Constraint required{{}, {}, false, false, {}, true, 0};
/// E.g. "in [0, 1)", "one of: silu, selu", "> 0"; empty where anything goes.
std::string text(const Constraint& constraint);

/// A list of components, e.g. `metrics: [nll, {type: mmd, scale: 2}]`. Seen by visitors without their type.
class AnyChoices {
 public:
  virtual ~AnyChoices() = default;
  virtual std::string kind(const Catalog&) const = 0;  ///< "metric", …
  virtual void clear() = 0;
  virtual AnyChoice& append() = 0;
  virtual std::vector<AnyChoice*> all() = 0;
};

/// A list or map of structs, each with its own `fields`.
class AnyRecords {
 public:
  virtual ~AnyRecords() = default;
  virtual bool named() const = 0;  ///< a map from names to structs, not a list
  virtual void clear() = 0;
  virtual void append(const std::string& name, const Mark& mark) = 0;  ///< name is "" in a list
  virtual std::size_t size() const = 0;
  virtual std::string name(std::size_t i) const = 0;
  virtual void fields(std::size_t i, class Fields& f) = 0;
};

/// The visitor. Override the virtual functions to make a new one; call operator() to state an option.
class Fields {
 public:
  using Value =
      std::variant<bool*, int64_t*, double*, std::string*, std::optional<int64_t>*, std::optional<double>*,
                   std::optional<std::string>*, std::vector<int64_t>*, std::vector<double>*, std::vector<std::string>*,
                   Node*>;  ///< a Node takes whatever is written, for somebody else to read
  explicit Fields(const Catalog& catalog) : catalog_(catalog) {}
  virtual ~Fields() = default;
  const Catalog& catalog() const { return catalog_; }

  /// States one option: its key, where its value lives (holding the default), what it means, what it may be.
  /// A list of one may be written as the bare value. A choice whose key is "" is inline: its `type` and its options
  /// stand among the other options of the map, and a bare name in place of the map is the type.
  template <class T>
  void operator()(const char* key, T& value, const char* doc, const Constraint& constraint = {}) {
    if constexpr (std::is_base_of_v<AnyChoice, T>) {
      choice(key, value, doc, constraint);
    } else if constexpr (std::is_base_of_v<AnyChoices, T>) {
      choices(key, value, doc, constraint);
    } else if constexpr (std::is_base_of_v<AnyRecords, T>) {
      records(key, value, doc, constraint);
    } else if constexpr (std::is_constructible_v<Value, T*>) {
      this->value(key, Value(&value), doc, constraint);
    } else {
      section(
          key, [&value](Fields& f) { value.fields(f); }, doc, constraint);
    }
  }

 protected:
  virtual void value(const std::string& key, Value value, const std::string& doc, const Constraint&) = 0;
  virtual void choice(const std::string& key, AnyChoice& choice, const std::string& doc, const Constraint&) = 0;
  virtual void choices(const std::string& key, AnyChoices& choices, const std::string& doc, const Constraint&) = 0;
  virtual void records(const std::string& key, AnyRecords& records, const std::string& doc, const Constraint&) = 0;
  /// A nested map; `read` visits its options.
  virtual void section(const std::string& key, const std::function<void(Fields&)>& read, const std::string& doc,
                       const Constraint&) = 0;

 private:
  const Catalog& catalog_;
};

/// A list (`generators: [...]`) or, with Named, a map (`factors: {place: ..., size: ...}`) of T.
template <class T, bool Named>
class Records final : public AnyRecords {
 public:
  struct Item {
    std::string name;
    Mark mark;
    T value;
  };
  std::vector<Item> items;

  bool named() const override { return Named; }
  void clear() override { items.clear(); }
  void append(const std::string& name, const Mark& mark) override { items.push_back({name, mark, T{}}); }
  std::size_t size() const override { return items.size(); }
  std::string name(std::size_t i) const override { return items[i].name; }
  void fields(std::size_t i, Fields& f) override { items[i].value.fields(f); }
};
template <class T>
using ListOf = Records<T, false>;
template <class T>
using MapOf = Records<T, true>;

/// Reads options from `node`: every unknown key, wrong type and value out of range goes to `problems`; options
/// that are absent keep their defaults, and those of the chosen components theirs. A key with nothing after it is a
/// problem, except for an optional, which it empties, and for a Node, which it makes null.
void read_fields(const Node& node, const std::function<void(Fields&)>& fields, const Catalog& catalog,
                 Problems& problems);

/// All options with their values, as they would have to be written to get them, bit for bit; a component is a map
/// with its `type` and all its options, an empty optional is null.
Node write_fields(const std::function<void(Fields&)>& fields, const Catalog& catalog);

/// One line of documentation per option.
struct FieldDoc {
  std::string key;   ///< "sampling.stepper", "generators[].weight", "factors.<name>.path"; the options of a component
                     ///< are not listed
  std::string type;  ///< "number", "integer", "text", "true/false", "list of numbers", "YAML", or a kind ("schedule")
  std::string default_value;  ///< as YAML; "required" where there is none
  std::string range;
  std::string doc;
};
std::vector<FieldDoc> describe_fields(const std::function<void(Fields&)>& fields, const Catalog& catalog);

}  // namespace genmatch
