#include "experiments/compare/axes.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/config/values.h"

namespace genmatch {

namespace {

std::string last_component(const std::string& key) { return key.substr(key.rfind('.') + 1); }

// Whether a variant may state the key; a problem if not.
bool may_vary(const std::string& where, const Node::Entry& change, Problems& problems) {
  const std::string first = change.key.substr(0, change.key.find('.'));
  static const std::vector<std::string> fixed{"name", "published", "variants", "grid", "seeds", "include"};
  if (first == "seed") {
    problems.add(change.mark, where + ": seed: every variant is run with the same seeds; state them in `seeds`");
  } else if (std::find(fixed.begin(), fixed.end(), first) != fixed.end()) {
    problems.add(change.mark, fmt::format("{}: {}: is that of the whole file and cannot vary", where, first));
  } else {
    return true;
  }
  return false;
}

// The map's entries; none after a problem.
const std::vector<Node::Entry>& entries_of(const Node& node, const char* key, const char* example, Problems& problems) {
  if (node.kind != Node::Kind::map) {
    const std::string got = node.kind == Node::Kind::null ? "has no value" : "got " + shown(node);
    problems.add(node.mark, fmt::format("{}: expected a map like {}, {}", key, example, got));
  } else if (node.entries.empty()) {
    problems.add(node.mark, fmt::format("{}: is empty; name something to compare, or remove it", key));
  }
  return node.entries;
}

bool usable_label(const std::string& name) {
  constexpr std::size_t longest = 100;
  const auto printable = [](char c) { return static_cast<unsigned char>(c) >= ' '; };
  return !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), printable);
}

Axis read_variants(const Node& node, Problems& problems) {
  Axis axis;
  for (const Node::Entry& e : entries_of(node, "variants", "{wide: {model.width: 256}}", problems)) {
    const std::string where = "variants." + e.key;
    if (!usable_label(e.key)) {
      problems.add(e.mark, "variants: a name must be one line of text, of 1 to 100 bytes");
    } else if (e.value.kind != Node::Kind::map) {
      problems.add(e.value.mark, fmt::format("{}: expected a map of options, got {}; {{}} is the file as it stands",
                                             where, shown(e.value)));
    } else {
      Alternative variant{e.key, e.mark, {}};
      for (const Node::Entry& change : e.value.entries)
        if (may_vary(where, change, problems)) variant.changes.push_back(change);
      axis.push_back(std::move(variant));
    }
  }
  return axis;
}

// The values of a key of the grid with the labels they have in tables: their names, or "width=64". A problem if there
// are none.
std::vector<std::pair<std::string, const Node*>> labelled_values(const Node::Entry& e, const std::string& name,
                                                                 Problems& problems) {
  std::vector<std::pair<std::string, const Node*>> all;
  const auto wrong = [&](const Node& at, const std::string& expected, const std::string& got) {
    problems.add(at.mark, fmt::format("grid.{}: expected {}, got {}", e.key, expected, got));
    all.clear();
  };
  const char* const expected = "a list of values, or a map of names to values";
  for (const Node& value : e.value.items) all.emplace_back(fmt::format("{}={}", name, to_flow_yaml(value)), &value);
  for (const Node::Entry& named : e.value.entries) {
    all.emplace_back(named.key, &named.value);
    if (!usable_label(named.key)) {
      problems.add(named.mark, "grid: a name must be one line of text, of 1 to 100 bytes");
    } else if (named.value.kind == Node::Kind::list) {
      wrong(e.value, expected,
            fmt::format("a list named {0}; nested keys are joined by dots: {1}.{0}", named.key, e.key));
      return all;
    }
  }
  if (all.empty()) {
    const bool holds = e.value.kind == Node::Kind::list || e.value.kind == Node::Kind::map;
    wrong(e.value, expected, holds ? "an empty one" : shown(e.value));
  }
  return all;
}

std::vector<Axis> read_grid(const Node& node, Problems& problems) {
  const std::vector<Node::Entry>& entries = entries_of(node, "grid", "{model.width: [64, 128]}", problems);
  const auto ambiguous = [&](const std::string& name) {
    const auto ends_so = [&](const Node::Entry& e) { return last_component(e.key) == name; };
    return std::count_if(entries.begin(), entries.end(), ends_so) > 1;
  };
  std::vector<Axis> axes;
  for (const Node::Entry& e : entries) {
    const std::string last = last_component(e.key);
    const auto values = labelled_values(e, ambiguous(last) ? e.key : last, problems);
    if (values.empty() || !may_vary("grid", e, problems)) continue;
    Axis& axis = axes.emplace_back();
    for (const auto& [label, value] : values)
      axis.push_back({label, value->mark, {Node::Entry{e.key, e.mark, *value}}});
  }
  return axes;
}

}  // namespace

std::vector<Axis> read_axes(const Node& root, Problems& problems) {
  const Node* variants = root.find("variants");
  const Node* grid = root.find("grid");
  std::vector<Axis> axes;
  if (grid != nullptr) axes = read_grid(*grid, problems);
  if (variants != nullptr) axes.insert(axes.begin(), read_variants(*variants, problems));
  axes.erase(std::remove_if(axes.begin(), axes.end(), [](const Axis& a) { return a.empty(); }), axes.end());
  return axes;
}

}  // namespace genmatch
