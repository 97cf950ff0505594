#pragma once
#include <memory>
#include <string>

#include "core/config/choice.h"
#include "core/solve/stepper.h"

namespace genmatch {

/// A stepper from its YAML, e.g. "rk4" or "{type: dopri5, tolerance: 1e-8}".
inline std::shared_ptr<Stepper> build_stepper(const std::string& yaml) {
  struct {
    StepperChoice stepper;
    void fields(Fields& f) { f("stepper", stepper, "the stepper"); }
  } options;
  Catalog catalog;
  add_solve(catalog);
  Problems problems;
  const Node node = parse_yaml("stepper: " + yaml, "test", problems);
  read_fields(
      node, [&](Fields& f) { options.fields(f); }, catalog, problems);
  problems.throw_if_any();
  return options.stepper.make();
}

}  // namespace genmatch
