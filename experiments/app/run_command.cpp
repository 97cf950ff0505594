#include <ATen/Parallel.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/data/statistic.h"
#include "core/errors.h"
#include "core/experiment.h"
#include "core/process/space.h"
#include "experiments/app/commands.h"
#include "experiments/app/progress_report.h"
#include "experiments/app/runner.h"
#include "experiments/app/terminal.h"
#include "experiments/compare/study.h"
#include "experiments/compare/worker_pool.h"
#include "experiments/report/text.h"
#include "experiments/store/run_folder.h"
#include "experiments/store/run_key.h"
#include "experiments/store/version.h"

namespace genmatch {

namespace fs = std::filesystem;

int available_cores() {
  cpu_set_t cpus;
  return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
}

int use_threads(std::optional<int> threads) {
  const int n = threads.value_or(available_cores());
  at::set_num_threads(n);
  return n;
}

namespace {

struct Prepared {
  Experiment experiment;
  RunFolder folder;
};

struct Chosen {
  ExperimentOptions options;
  std::string variant, slug;  // "" for the file as it stands
};

Chosen choose(const RunArguments& a, const Catalog& catalog) {
  if (a.variant.empty()) return {read_experiment(a.file, a.overrides, catalog), "", ""};
  const Study study = read_study(a.file, a.overrides, catalog);
  const Variant& variant = find_variant(study, a.variant);
  if (!study.varies()) return {variant.options, "", ""};
  return {variant.options, variant.name, variant.slug};
}

// The path of the run whose weights are to be taken; ConfigError if they are not those that `record` would train.
std::string trained_run(const std::string& path, const std::string& yaml, const RunRecord& record) {
  if (path.empty()) return "";
  const RunFolder trained = RunFolder::open(path, false);
  if (!trained.finished())
    throw ConfigError(
        fmt::format("--trained {0}: this run is not finished; go on with it: genmatch run {0} --resume", path));
  if (trained.record().training_key == record.training_key) return trained.path();
  Problems none;
  std::vector<std::string> other =
      training_differences(parse_yaml(yaml, "", none), parse_yaml(trained.resolved_yaml(), "", none));
  if (trained.record().data_hash != record.data_hash) other.emplace_back("the data");
  if (other.empty()) other.emplace_back("the version of genmatch");
  throw ConfigError(
      fmt::format("--trained {}: its weights are not those of this experiment, which differs in: {}; drop "
                  "--trained to train anew",
                  path, fmt::join(other, ", ")));
}

// The folder to go on with: the one named, or the newest unfinished run of the same options.
std::string folder_to_resume(const RunArguments& a, const std::string& name, const std::string& yaml, uint64_t seed) {
  if (!a.out.empty()) return a.out;
  const auto found = find_unfinished_run(name, yaml, seed);
  if (!found)
    throw ConfigError(
        fmt::format("--resume: runs/{} holds no unfinished run with these options and seed {}; start one "
                    "without --resume, or name its folder: genmatch run FOLDER --resume",
                    name, seed));
  return *found;
}

Prepared resume_folder(const std::string& path, const RunArguments& a, const Catalog& catalog) {
  RunFolder folder = RunFolder::open(path, true);
  const RunRecord& record = folder.record();
  if (!a.overrides.empty() || !a.variant.empty() || (a.seed && *a.seed != record.seed))
    throw ConfigError(
        "--resume: a run goes on with the options and the seed it began with; drop --set, --variant and --seed");
  use_threads(a.threads.value_or(record.threads));
  const ExperimentOptions options = read_experiment(folder.file("resolved.yaml"), {}, catalog);
  Experiment e = build_experiment(options, record.seed, record.data_folder, record.device);
  if (e.dataset->hash() != record.data_hash)
    throw DataError(path + ": the data have changed since this run began; start a new run");
  return {std::move(e), std::move(folder)};
}

Prepared resume_file(const RunArguments& a, const std::string& yaml, const Chosen& chosen, uint64_t seed,
                     const Catalog& catalog) {
  RunArguments same = a;
  same.overrides.clear();
  same.variant.clear();
  same.seed.reset();
  const std::string path = folder_to_resume(a, chosen.options.name, yaml, seed);
  if (RunFolder::open(path, false).resolved_yaml() != yaml)
    throw ConfigError(path + ": was begun with other options than " + a.file + "; `genmatch run " + path +
                      " --resume` goes on with its own");
  return resume_folder(path, same, catalog);
}

Prepared begin(const RunArguments& a, const std::string& yaml, const Chosen& chosen, uint64_t seed) {
  RunRecord record;
  record.name = chosen.options.name;
  record.variant = chosen.variant;
  record.seed = seed;
  record.created = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  record.file = fs::absolute(a.file).lexically_normal().string();
  record.data_folder = fs::path(record.file).parent_path().string();
  record.device = a.device;
  record.threads = use_threads(a.threads);
  Experiment e = build_experiment(chosen.options, seed, record.data_folder, a.device);
  record.data_hash = e.dataset->hash();
  Problems none;
  const RunKeys keys = run_keys(parse_yaml(yaml, "", none), record.data_hash, program_version());
  record.key = keys.run;
  record.training_key = keys.training;
  if (!a.expected_key.empty() && a.expected_key != record.key)
    throw ConfigError(a.file + ": the file or its data have changed since the comparison began; start it again");
  record.trained_in = trained_run(a.trained, yaml, record);
  const std::string path = a.out.empty() ? make_run_folder("runs", record.name, chosen.slug, seed) : a.out;
  RunFolder folder = RunFolder::create(path, yaml, record);
  return {std::move(e), std::move(folder)};
}

Prepared prepare(const RunArguments& a, const Catalog& catalog) {
  if (fs::is_directory(a.file)) {
    if (!a.resume)
      throw ConfigError(a.file + ": is a folder; give an experiment file, or add --resume to go on with a run");
    return resume_folder(a.file, a, catalog);
  }
  Chosen chosen = choose(a, catalog);
  const auto seed = a.seed.value_or(static_cast<uint64_t>(chosen.options.seed));
  chosen.options.seed = static_cast<int64_t>(seed);
  const std::string yaml = resolved_yaml(chosen.options, catalog);
  return a.resume ? resume_file(a, yaml, chosen, seed, catalog) : begin(a, yaml, chosen, seed);
}

void print_introduction(const Experiment& e, const RunFolder& folder) {
  std::string where;
  for (const Factor& f : e.factors) where += (where.empty() ? "" : " x ") + f.space->describe();
  fmt::print(stderr, "{}: {} training, {} validation and {} test rows on {}; {} parameters; seed {}\nrun folder: {}\n",
             e.options->name, e.splits.train.rows(), e.splits.validation.rows(), e.splits.test.rows(), where,
             e.model->parameters().size(), e.seed, fs::relative(folder.path()).string());
  if (!e.splits.statistics.empty()) fmt::print(stderr, "data: {}\n", text(e.splits.statistics));
  if (!folder.record().trained_in.empty()) fmt::print(stderr, "weights of: {}\n", folder.record().trained_in);
}

}  // namespace

int run_command(const RunArguments& arguments, const Catalog& catalog) {
  Prepared p = prepare(arguments, catalog);
  if (p.folder.finished()) {
    fmt::print("{}: this run is finished; its result:\n{}", p.folder.path(), read_text(p.folder.file("result.json")));
    return 0;
  }
  print_introduction(p.experiment, p.folder);
  p.folder.set_status("running");
  catch_interrupts();
  TerminalObserver observer;
  std::optional<ProgressReport> report;
  if (arguments.report_progress) report.emplace(observer, PoolOptions::progress_descriptor);
  Result result;
  try {
    result = execute(p.experiment, p.folder, report ? static_cast<Observer&>(*report) : observer);
  } catch (const Interrupted& e) {
    observer.clear();
    p.folder.set_status("interrupted");
    throw Interrupted(
        fmt::format("{}\ngo on with: genmatch run {} --resume", e.what(), fs::relative(p.folder.path()).string()));
  } catch (...) {
    observer.clear();
    p.folder.set_status("failed");
    throw;
  }
  observer.clear();
  if (arguments.json) {
    fmt::print("{}\n", to_json(result).dump(2));
    return 0;
  }
  fmt::print("\n{}\n", result_table(result, *p.experiment.options));
  double total = 0;
  for (const auto& [stage, seconds] : result.seconds) total += seconds;
  fmt::print("{} (training {}), {:.0f} MB; nll in nats, ± standard error over the test rows\n", format_seconds(total),
             format_seconds(result.seconds["training"]), result.peak_mb);
  for (const std::string& figure : result.figures)
    if (fs::path(figure).extension() == ".png")
      fmt::print("figure: {}\n", fs::relative(p.folder.file(figure)).string());
  fmt::print("result: {}\n", fs::relative(p.folder.file("result.json")).string());
  return 0;
}

}  // namespace genmatch
