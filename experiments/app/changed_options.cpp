#include "experiments/app/changed_options.h"

#include <algorithm>
#include <map>

#include "core/experiment.h"

namespace genmatch {

namespace {

// Only which components were chosen: null where there is none.
Node choices_of(const Node& node) {
  Node choices;
  for (const Node::Entry& e : node.entries) {
    Node below = e.key == "type" ? e.value : choices_of(e.value);
    if (below.kind != Node::Kind::null) choices.set(e.key, std::move(below));
  }
  for (const Node& item : node.items) {
    Node below = choices_of(item);
    if (below.kind == Node::Kind::null) continue;
    choices.kind = Node::Kind::list;
    choices.items.push_back(std::move(below));
  }
  return choices;
}

using Values = std::map<std::string, std::string>;

// What a file would resolve to that says no more than this.
Values resolved_from(const Node& stated, const Catalog& catalog) {
  ExperimentOptions options;
  const auto fields = [&](Fields& f) { options.fields(f); };
  Problems ignored;  // required options are missing
  read_fields(stated, fields, catalog, ignored);
  const FlatOptions flat = flat_options(write_fields(fields, catalog));
  return {flat.begin(), flat.end()};
}

bool is_choice(const std::string& key) { return key.size() > 5 && key.compare(key.size() - 5, 5, ".type") == 0; }

}  // namespace

FlatOptions changed_options(const Node& resolved, const Catalog& catalog) {
  const Values of_nothing = resolved_from(Node::map(), catalog);
  const Values of_choices = resolved_from(choices_of(resolved), catalog);
  FlatOptions changed = flat_options(resolved);
  const auto is_default = [&](const auto& option) {
    const auto& [key, value] = option;
    if (key == "name" || key == "about" || key == "seed" || key.rfind("published.", 0) == 0) return true;
    const Values& defaults = is_choice(key) ? of_nothing : of_choices;
    const auto found = defaults.find(key);
    return found != defaults.end() && found->second == value;
  };
  changed.erase(std::remove_if(changed.begin(), changed.end(), is_default), changed.end());
  return changed;
}

}  // namespace genmatch
