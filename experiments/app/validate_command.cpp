#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/experiment.h"
#include "core/process/space.h"
#include "experiments/app/commands.h"

namespace genmatch {

int validate_command(const ValidateArguments& a, const Catalog& catalog) {
  ExperimentOptions options = read_experiment(a.file, a.overrides, catalog);
  const std::string folder = std::filesystem::absolute(a.file).parent_path().string();
  const Experiment e = build_experiment(options, static_cast<uint64_t>(options.seed), folder, "cpu");
  if (a.resolved) {
    fmt::print("{}", resolved_yaml(options, catalog));
    return 0;
  }
  if (a.json) {
    const nlohmann::json j = {{"file", a.file},
                              {"valid", true},
                              {"train", e.splits.train.rows()},
                              {"validation", e.splits.validation.rows()},
                              {"test", e.splits.test.rows()},
                              {"parameters", e.model->parameters().size()},
                              {"warnings", e.splits.warnings}};
    fmt::print("{}\n", j.dump(2));
    return 0;
  }
  for (const std::string& w : e.splits.warnings) fmt::print(stderr, "warning: {}\n", w);
  fmt::print("{}: valid; {} training, {} validation and {} test rows, {} parameters\n", a.file, e.splits.train.rows(),
             e.splits.validation.rows(), e.splits.test.rows(), e.model->parameters().size());
  return 0;
}

}  // namespace genmatch
