#pragma once
// An option whose value is a component: `path: geodesic` or `path: {type: geodesic, schedule: cosine}`.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config/catalog.h"
#include "core/config/fields.h"
#include "core/config/registry.h"
#include "core/errors.h"

namespace genmatch {

/// A choice as the visitors see it.
class AnyChoice {
 public:
  virtual ~AnyChoice() = default;
  virtual std::string kind(const Catalog&) const = 0;                ///< "manifold", "path", …
  virtual std::vector<std::string> names(const Catalog&) const = 0;  ///< all that are registered
  virtual bool select(const Catalog&, const std::string& name) = 0;  ///< with default options; false if unknown
  virtual void fields(Fields& f) = 0;                                ///< of the selected component
  const std::string& name() const { return name_; }                  ///< "" while nothing is chosen
  Mark mark;                                                         ///< where the choice was written
  std::map<std::string, Mark> option_marks;                          ///< where its options were, if they were

 protected:
  std::string name_;
};

/// `Choice<Base, Context...>` holds a configured component until make() builds it. Use the aliases of catalog.h.
template <class Base, class... Context>
class Choice final : public AnyChoice {
 public:
  using RegistryType = Registry<Base, Context...>;
  Choice() = default;
  /// The default, resolved when a visitor first sees it.
  explicit Choice(const std::string& name) { name_ = name; }
  Choice(const Choice& other) : AnyChoice(other), maker_(other.maker_ ? other.maker_->clone() : nullptr) {}
  Choice& operator=(const Choice& other) {
    AnyChoice::operator=(other);
    maker_ = other.maker_ ? other.maker_->clone() : nullptr;
    return *this;
  }

  std::string kind(const Catalog& c) const override { return kind_name(c, registry<RegistryType>(c)); }
  std::vector<std::string> names(const Catalog& c) const override {
    std::vector<std::string> all;
    for (const auto& e : registry<RegistryType>(c).entries()) all.push_back(e.name);
    return all;
  }
  bool select(const Catalog& c, const std::string& name) override {
    const auto* entry = registry<RegistryType>(c).find(name);
    if (entry == nullptr) return false;
    name_ = name;
    maker_ = entry->maker();
    return true;
  }
  void fields(Fields& f) override {
    if (maker_ == nullptr && !name_.empty()) select(f.catalog(), name_);
    if (maker_ != nullptr) maker_->fields(f);
  }
  explicit operator bool() const { return !name_.empty(); }

  /// Builds the component. An OptionError becomes a ConfigError that points to where the option was written, else to
  /// the choice.
  std::shared_ptr<Base> make(const Context&... context) const {
    if (maker_ == nullptr) throw ContractError("Choice::make: nothing was chosen, or no visitor has resolved it");
    try {
      return maker_->make(context...);
    } catch (const OptionError& e) {
      throw at_fault(e);
    }
  }

  /// What to throw when one of the component's options turns out to be wrong: points to where it was written.
  ConfigError at_fault(const OptionError& e) const {
    const std::string where = e.key().empty() ? name_ : name_ + "." + e.key();
    const auto written = option_marks.find(e.key());
    return ConfigError((written == option_marks.end() ? mark : written->second).text() + ": " + where + ": " +
                       e.what());
  }

 private:
  std::unique_ptr<Maker<Base, Context...>> maker_;
};

/// A list of choices: `metrics: [nll, {type: mmd, scale: 2}]`; a single one may be written bare.
template <class ChoiceType>
class ListOfChoices final : public AnyChoices {
 public:
  ListOfChoices() = default;
  explicit ListOfChoices(const std::vector<std::string>& names) {
    for (const std::string& n : names) items.emplace_back(n);
  }
  std::vector<ChoiceType> items;
  std::string kind(const Catalog& c) const override { return ChoiceType().kind(c); }
  void clear() override { items.clear(); }
  AnyChoice& append() override { return items.emplace_back(); }
  std::vector<AnyChoice*> all() override {
    std::vector<AnyChoice*> list;
    for (auto& i : items) list.push_back(&i);
    return list;
  }
};

}  // namespace genmatch
