#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/data/npy.h"
#include "core/errors.h"
#include "core/learn/checkpoint.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "core/solve/likelihood.h"
#include "experiments/app/commands.h"
#include "experiments/app/runner.h"
#include "experiments/app/terminal.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

void check_output(const std::string& option, const std::string& path, const std::string& extension) {
  if (path.empty()) return;
  if (fs::path(path).extension() != extension)
    throw ConfigError(fmt::format("{} {}: the file's name must end in {}", option, path, extension));
  if (fs::exists(path)) throw IoError(path + ": exists already and is never overwritten");
  const fs::path folder = fs::absolute(path).parent_path();
  if (!fs::is_directory(folder)) throw IoError(folder.string() + ": no such folder (for " + option + " " + path + ")");
}

void check_trained_options(const std::vector<std::string>& overrides) {
  for (const std::string& o : overrides)
    if (o.rfind("sampling.", 0) != 0 && o.rfind("metrics", 0) != 0 && o.rfind("baselines", 0) != 0)
      throw ConfigError("--set " + o + ": a trained run takes only sampling.…, metrics and baselines");
}

LoadedRun load(const std::string& path, const std::vector<std::string>& overrides, const Catalog& catalog) {
  check_trained_options(overrides);
  use_threads(std::nullopt);
  return load_run(path, overrides, catalog);
}

}  // namespace

int sample_command(const SampleArguments& a, const Catalog& catalog) {
  check_output("--output", a.output, ".npy");
  check_output("--log-density", a.log_density, ".npy");
  LoadedRun run = load(a.run, a.overrides, catalog);
  SamplingOptions sampling = run.experiment.options->sampling;
  sampling.samples = a.n;
  TerminalObserver observer;
  const uint64_t seed = a.seed.value_or(run.experiment.seed);
  Evaluation evaluation(run.experiment.factors, run.generator, run.experiment.splits, sampling, run.experiment.like,
                        seed, observer);
  write_npy(a.output, side_by_side(evaluation.samples()));
  if (!a.log_density.empty()) write_npy(a.log_density, evaluation.sample_log_density());
  observer.clear();
  fmt::print("{}: {} samples\n", a.output, a.n);
  return 0;
}

int evaluate_command(const EvaluateArguments& a, const Catalog& catalog) {
  LoadedRun run = load(a.run, a.overrides, catalog);
  const Experiment& e = run.experiment;
  TerminalObserver observer;
  Evaluation evaluation(e.factors, run.generator, e.splits, e.options->sampling, e.like, e.seed, observer,
                        e.figure_context);
  Result result;
  result.name = e.options->name;
  result.seed = e.seed;
  measure(e, evaluation, result);
  result.peak_mb = peak_memory_mb();
  observer.clear();
  if (a.json)
    fmt::print("{}\n", to_json(result).dump(2));
  else
    fmt::print("{}", result_table(result, *e.options));
  return 0;
}

int density_command(const DensityArguments& a, const Catalog& catalog) {
  check_output("--output", a.output, ".csv");
  LoadedRun run = load(a.run, a.overrides, catalog);
  const Experiment& e = run.experiment;
  const Table table = e.dataset->read(a.file);
  TerminalObserver observer;
  Evaluation evaluation(e.factors, run.generator, e.splits, e.options->sampling, e.like, e.seed, observer);
  const Tensor density = evaluation.log_density(table.x, "density");
  observer.clear();
  std::string text = "row,log_density\n";
  const auto values = density.accessor<double, 1>();
  for (int64_t i = 0; i < values.size(0); ++i) text += fmt::format("{},{}\n", i + 1, values[i]);
  if (a.output.empty())
    fmt::print("{}", text);
  else
    write_file_atomically(a.output, text);
  return 0;
}

}  // namespace genmatch
