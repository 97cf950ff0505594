#include "tests/manifolds/build.h"

#include "core/config/choice.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

template <class ChoiceType>
ChoiceType read(const std::string& yaml) {
  struct {
    ChoiceType choice;
    void fields(Fields& f) { f("value", choice, "what is built", required); }
  } options;
  Catalog catalog;
  add_process(catalog);
  add_manifolds(catalog);
  Problems problems;
  const Node node = parse_yaml("value: " + yaml, "test", problems);
  read_fields(
      node, [&](Fields& f) { options.fields(f); }, catalog, problems);
  problems.throw_if_any();
  return options.choice;
}

}  // namespace

std::shared_ptr<const Manifold> build_manifold(const std::string& yaml) {
  const SpacePtr space = read<SpaceChoice>(yaml).make();
  return {space, space->manifold()};
}

SourcePtr build_source(const std::string& space_yaml, const std::string& source_yaml) {
  return read<SourceChoice>(source_yaml).make(read<SpaceChoice>(space_yaml).make());
}

}  // namespace genmatch
