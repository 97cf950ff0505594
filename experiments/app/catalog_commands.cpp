#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/experiment.h"
#include "experiments/app/commands.h"
#include "experiments/app/terminal.h"

namespace genmatch {

using nlohmann::json;

namespace {

std::vector<std::string> kinds(const Catalog& catalog) {
  std::vector<std::string> all;
  Catalog::for_each(catalog, [&](const char* kind, const auto&) { all.emplace_back(kind); });
  return all;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

/// What `describe` tells of one component.
struct Description {
  std::string name, kind, text, cite;
  std::vector<FieldDoc> options;
};

std::vector<Description> descriptions(const std::string& name, const Catalog& catalog) {
  std::vector<Description> found;
  if (name == "experiment") {
    ExperimentOptions options;
    found.push_back({name, "file", "The keys of an experiment file.", "",
                     describe_fields([&](Fields& f) { options.fields(f); }, catalog)});
  }
  Catalog::for_each(catalog, [&](const char* kind, const auto& registry) {
    const auto* entry = registry.find(name);
    if (entry == nullptr) return;
    const auto maker = entry->maker();
    found.push_back({name, kind, entry->about.text, entry->about.cite,
                     describe_fields([&](Fields& f) { maker->fields(f); }, catalog)});
  });
  return found;
}

json to_json(const Description& d) {
  json options = json::array();
  for (const FieldDoc& o : d.options)
    options.push_back(
        {{"key", o.key}, {"type", o.type}, {"default", o.default_value}, {"range", o.range}, {"doc", o.doc}});
  return {{"name", d.name}, {"kind", d.kind}, {"about", d.text}, {"cite", d.cite}, {"options", options}};
}

void print(const Description& d) {
  fmt::print("{} ({})\n{}\n", d.name, d.kind, d.text);
  if (!d.cite.empty()) fmt::print("Source: {}\n", d.cite);
  if (d.options.empty()) {
    fmt::print("No options.\n");
    return;
  }
  for (const FieldDoc& o : d.options) {
    std::string facts = o.type;
    if (!o.range.empty()) facts += ", " + o.range;
    if (o.default_value == "required")
      facts += "; required";
    else if (!o.default_value.empty())
      facts += "; default " + o.default_value;
    fmt::print("  {}: {}\n      {}\n", o.key, facts, o.doc);
  }
}

}  // namespace

int list_command(const std::string& kind, bool as_json, const Catalog& catalog) {
  const std::vector<std::string> all = kinds(catalog);
  if (!kind.empty() && std::find(all.begin(), all.end(), kind) == all.end()) {
    const std::string near = did_you_mean(kind, all);
    throw ConfigError(fmt::format("list: there is no kind \"{}\"{}; kinds are {}", kind,
                                  near.empty() ? "" : "; did you mean \"" + near + "\"?", joined(all)));
  }
  json j = json::array();
  std::vector<std::vector<std::string>> rows;
  Catalog::for_each(catalog, [&](const char* name, const auto& registry) {
    if (!kind.empty() && kind != name) return;
    for (const auto& e : registry.entries()) {
      j.push_back({{"kind", name}, {"name", e.name}, {"about", e.about.text}});
      rows.push_back({name, e.name, e.about.text});
    }
  });
  if (as_json) {
    fmt::print("{}\n", j.dump(2));
    return 0;
  }
  std::size_t first = 0, second = 0;
  for (const auto& r : rows) first = std::max(first, r[0].size()), second = std::max(second, r[1].size());
  for (const auto& r : rows) fmt::print("{:<{}}  {:<{}}  {}\n", r[0], first, r[1], second, r[2]);
  return 0;
}

int describe_command(const std::string& name, bool as_json, const Catalog& catalog) {
  const std::vector<Description> found = descriptions(name, catalog);
  if (found.empty()) {
    std::vector<std::string> names{"experiment"};
    Catalog::for_each(catalog, [&](const char*, const auto& registry) {
      for (const auto& e : registry.entries()) names.push_back(e.name);
    });
    const std::string near = did_you_mean(name, names);
    throw ConfigError(fmt::format("describe: there is no component \"{}\"{}; `genmatch list` shows all", name,
                                  near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  if (as_json) {
    json j = json::array();
    for (const Description& d : found) j.push_back(to_json(d));
    fmt::print("{}\n", j.dump(2));
    return 0;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) fmt::print("\n");
    print(found[i]);
  }
  return 0;
}

}  // namespace genmatch
