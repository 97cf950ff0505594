#pragma once
#include <string>

#include "core/config/choice.h"

namespace genmatch {

/// A component from YAML, e.g. chosen<SpaceChoice>("{type: sphere, dim: 2}").
template <class ChoiceType>
ChoiceType chosen(const std::string& yaml) {
  static const Catalog catalog = full_catalog();
  ChoiceType choice;
  Problems problems;
  const Node node = parse_yaml("it: " + yaml, "test", problems);
  read_fields(
      node, [&](Fields& f) { f("it", choice, "what is wanted"); }, catalog, problems);
  problems.throw_if_any();
  return choice;
}

}  // namespace genmatch
