#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/data/statistic.h"
#include "core/experiment.h"
#include "core/process/space.h"
#include "experiments/app/commands.h"
#include "experiments/compare/study.h"
#include "experiments/store/result.h"
#include "experiments/store/run_key.h"

namespace genmatch {

namespace {

std::string counted(std::size_t n, const std::string& what) {
  return fmt::format(", {} {}{}", n, what, n == 1 ? "" : "s");
}

// Of one process: files do not change, nor does the version.
std::string rows_key(const ExperimentOptions& options, const Catalog& catalog) {
  return run_keys(options, catalog, "", "").rows;
}

nlohmann::json to_json(const Study& study, const Experiment& e) {
  nlohmann::json variants = nlohmann::json::array();
  for (const Variant& v : study.variants) variants.push_back(v.name);
  return {{"file", study.file},
          {"valid", true},
          {"train", e.splits.train.rows()},
          {"validation", e.splits.validation.rows()},
          {"test", e.splits.test.rows()},
          {"parameters", e.model->parameters().size()},
          {"variants", variants},
          {"seeds", study.seeds},
          {"statistics", to_json(e.splits.statistics)},
          {"warnings", e.splits.warnings}};
}

}  // namespace

int validate_command(const ValidateArguments& a, const Catalog& catalog) {
  Study study = read_study(a.file, a.overrides, catalog);
  const std::string folder = std::filesystem::absolute(a.file).parent_path().string();
  const auto build = [&](const ExperimentOptions& options, const Splits* loaded) {
    return build_experiment(options, static_cast<uint64_t>(options.seed), folder, "cpu", loaded);
  };
  const Experiment e = build(study.base, nullptr);
  const std::string rows = rows_key(study.base, catalog);
  // Some mistakes show only when the parts meet: a path on a space that it does not fit.
  if (study.varies())
    for (const Variant& v : study.variants)
      build(v.options, rows_key(v.options, catalog) == rows ? &e.splits : nullptr);
  if (a.resolved) {
    fmt::print("{}", resolved_yaml(study.base, catalog));
    return 0;
  }
  if (a.json) {
    fmt::print("{}\n", to_json(study, e).dump(2));
    return 0;
  }
  for (const std::string& w : e.splits.warnings) fmt::print(stderr, "warning: {}\n", w);
  fmt::print("{}: valid; {} training, {} validation and {} test rows, {} parameters{}{}\n", a.file,
             e.splits.train.rows(), e.splits.validation.rows(), e.splits.test.rows(), e.model->parameters().size(),
             study.varies() ? counted(study.variants.size(), "variant") : "",
             study.seeds.size() > 1 ? counted(study.seeds.size(), "seed") : "");
  if (!e.splits.statistics.empty()) fmt::print("data: {}\n", text(e.splits.statistics));
  return 0;
}

}  // namespace genmatch
