#include "tests/data/make_dataset.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/config/choice.h"
#include "core/process/space.h"

namespace genmatch {

namespace {

struct CaseOptions {
  ListOfChoices<SpaceChoice> spaces;
  DatasetChoice data;
  void fields(Fields& f) {
    f("space", spaces, "of the factors", required);
    f("data", data, "the data set", required);
  }
};

}  // namespace

DatasetCase make_dataset(const std::string& yaml, const std::string& folder, std::vector<std::string> search) {
  Catalog catalog;
  add_process(catalog);
  add_data(catalog);
  add_manifolds(catalog);
  Problems problems;
  CaseOptions options;
  const Node node = parse_yaml(yaml, "test.yaml", problems);
  read_fields(
      node, [&](Fields& f) { options.fields(f); }, catalog, problems);
  problems.throw_if_any();
  DatasetCase made;
  for (const SpaceChoice& space : options.spaces.items) made.spaces.push_back(space.make());
  made.dataset = options.data.make({made.spaces, folder, std::move(search)});
  return made;
}

}  // namespace genmatch
