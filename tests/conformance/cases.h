#pragma once
// The test cases of each kind: tests/cases/<kind>/<registered name>.yaml holds a list of option sets. Kinds that are
// built from nothing else list the component's own options; the others list maps that say what else there is, e.g.
// `{space: {type: sphere, dim: 2}, source: {type: von_mises_fisher, concentration: 3}}`.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/config/choice.h"
#include "core/ops.h"

namespace genmatch {

struct Case {
  std::string kind, name;
  std::string label;  ///< unique within the kind; letters, digits and underscores
  Node node;
};

/// All cases of a kind. Files that cannot be read are left out: enrolment_test reports them.
std::vector<Case> cases(const std::string& kind);

/// The names that have a file in tests/cases/<kind>/, and what is wrong with those files.
struct CaseFiles {
  std::vector<std::string> names;
  Problems problems;
};
CaseFiles case_files(const std::string& kind);

/// The full catalog.
const Catalog& test_catalog();

/// Reads the case's map; throws ConfigError with every problem.
void read_case(const Case& c, const std::function<void(Fields&)>& fields);

template <class Options>
Options read_case(const Case& c) {
  Options options;
  read_case(c, [&](Fields& f) { options.fields(f); });
  return options;
}

/// The component itself, for cases that list its own options.
template <class ChoiceType>
ChoiceType read_component(const Case& c) {
  struct {
    ChoiceType choice;
    void fields(Fields& f) { f("component", choice, "the component under test", required); }
  } options;
  Case wrapped = c;
  Node component = c.node;
  component.set("type", Node::scalar(c.name));
  wrapped.node = Node::map();
  wrapped.node.set("component", component);
  read_case(wrapped, [&](Fields& f) { options.fields(f); });
  return options.choice;
}

/// A case in one precision; the parameter of most law suites.
struct TypedCase {
  Case c;
  at::ScalarType dtype;
};
std::vector<TypedCase> typed_cases(const std::string& kind);
std::string label(const testing::TestParamInfo<TypedCase>& info);
void PrintTo(const TypedCase& c, std::ostream* out);

}  // namespace genmatch
