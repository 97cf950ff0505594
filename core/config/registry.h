#pragma once
// Components by name. A registry is a value, filled by the `add_...(Catalog&)` functions that each domain's
// catalog.cpp lists; there are no singletons and nothing registers itself.
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/config/fields.h"

namespace genmatch {

/// What a user is told about a component besides its options.
struct About {
  std::string text;  ///< one sentence
  std::string cite;  ///< "Chen & Lipman 2024, arXiv 2302.03660"; "" where it is folklore
};

/// A component that has been chosen and configured, but not yet built.
template <class Base, class... Context>
class Maker {
 public:
  virtual ~Maker() = default;
  virtual void fields(Fields& f) = 0;
  virtual std::shared_ptr<Base> make(const Context&... context) const = 0;
  virtual std::unique_ptr<Maker> clone() const = 0;
};

/// Registered names of one kind. `Context` is what every component of the kind is built from besides its options.
template <class Base, class... Context>
class Registry {
 public:
  using MakerType = Maker<Base, Context...>;
  struct Entry {
    std::string name;
    About about;
    std::function<std::unique_ptr<MakerType>()> maker;  ///< with default options
  };

  /// T has `struct Options { void fields(Fields&); }` and a constructor T(const Options&, const Context&...).
  template <class T>
  void add(const std::string& name, About about) {
    if (find(name) != nullptr) throw std::logic_error("component registered twice: " + name);
    entries_.push_back({name, std::move(about), [] { return std::make_unique<MakerFor<T>>(); }});
  }
  const Entry* find(const std::string& name) const {
    for (const Entry& e : entries_)
      if (e.name == name) return &e;
    return nullptr;
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  template <class T>
  struct MakerFor final : MakerType {
    typename T::Options options;
    void fields(Fields& f) override { options.fields(f); }
    std::shared_ptr<Base> make(const Context&... context) const override {
      return std::make_shared<T>(options, context...);
    }
    std::unique_ptr<MakerType> clone() const override { return std::make_unique<MakerFor>(*this); }
  };
  std::vector<Entry> entries_;
};

/// For components without options.
struct NoOptions {
  void fields(Fields&) {}
};

}  // namespace genmatch
