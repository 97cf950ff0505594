#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/experiment.h"
#include "experiments/app/changed_options.h"
#include "experiments/app/commands.h"
#include "experiments/app/find_run.h"

namespace genmatch {

using nlohmann::json;

namespace {

struct Shown {
  RunFolder folder;
  std::string status;
  FlatOptions changed;
  std::optional<Result> result;
};

Shown look_at(const std::string& path, const Catalog& catalog) {
  RunFolder folder = RunFolder::open(path, false);
  Problems problems;
  const Node resolved = parse_yaml(folder.resolved_yaml(), folder.file("resolved.yaml"), problems);
  problems.throw_if_any();
  std::string status = RunFolder::status(path, folder.record());
  std::optional<Result> result;
  if (folder.finished()) result = read_result(folder.file("result.json"));
  return {std::move(folder), std::move(status), changed_options(resolved, catalog), std::move(result)};
}

json to_json(const Shown& run, const std::string& path) {
  const RunRecord& r = run.folder.record();
  json options = json::object();
  for (const auto& [key, value] : run.changed) options[key] = value;
  return {{"path", path},
          {"name", r.name},
          {"variant", r.variant},
          {"seed", r.seed},
          {"status", run.status},
          {"created", r.created},
          {"trained_in", r.trained_in},
          {"file", r.file},
          {"data_hash", r.data_hash},
          {"device", r.device},
          {"threads", r.threads},
          {"versions", run.folder.versions()},
          {"options", options},
          {"result", run.result ? to_json(*run.result) : json(nullptr)}};
}

void print_pairs(const FlatOptions& pairs) {
  std::size_t width = 0;
  for (const auto& [key, value] : pairs) width = std::max(width, key.size());
  for (const auto& [key, value] : pairs) fmt::print("  {:<{}}  {}\n", key, width, value);
}

void print(const Shown& run, const std::string& path, const Catalog& catalog) {
  const RunRecord& r = run.folder.record();
  std::vector<std::string> versions;
  for (const auto& [name, version] : run.folder.versions()) versions.push_back(fmt::format("{} {}", name, version));
  fmt::print("{}\n", path);
  FlatOptions facts{{"name", r.name}};
  if (!r.variant.empty()) facts.emplace_back("variant", r.variant);
  if (!r.trained_in.empty()) facts.emplace_back("weights of", r.trained_in);
  facts.insert(facts.end(), {{"seed", std::to_string(r.seed)},
                             {"status", run.status},
                             {"created", r.created},
                             {"file", r.file},
                             {"data", r.data_hash},
                             {"device", fmt::format("{}, threads: {}", r.device, r.threads)},
                             {"versions", fmt::format("{}", fmt::join(versions, ", "))}});
  print_pairs(facts);
  if (!run.changed.empty()) fmt::print("\noptions that differ from the defaults\n");
  print_pairs(run.changed);
  if (!run.result) {
    if (run.status != "running") fmt::print("\ngo on with: genmatch run {} --resume\n", path);
    return;
  }
  fmt::print("\n{}", result_table(*run.result, read_experiment(run.folder.file("resolved.yaml"), {}, catalog)));
  if (!run.result->figures.empty()) fmt::print("\n");
  for (const std::string& figure : run.result->figures) fmt::print("figure: {}/{}\n", path, figure);
  for (const std::string& warning : run.result->warnings) fmt::print("warning: {}\n", warning);
}

}  // namespace

int show_command(const std::string& name, bool as_json, const Catalog& catalog) {
  const std::string path = find_run(name);
  const Shown run = look_at(path, catalog);
  if (as_json)
    fmt::print("{}\n", to_json(run, path).dump(2));
  else
    print(run, path, catalog);
  return 0;
}

}  // namespace genmatch
