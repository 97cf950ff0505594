#include "experiments/app/runner.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/data/file.h"
#include "core/data/npy.h"
#include "core/errors.h"
#include "core/learn/checkpoint.h"
#include "core/ops.h"
#include "core/process/space.h"
#include "experiments/app/metrics_log.h"
#include "experiments/app/training_rounds.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

/// Adds the wall time of a scope to result.seconds.
class Stopwatch {
 public:
  Stopwatch(Result& result, std::string stage) : result_(result), stage_(std::move(stage)) {}
  ~Stopwatch() {
    result_.seconds[stage_] += std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

 private:
  Result& result_;
  std::string stage_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

void load_model(const RunFolder& folder, Model& model) {
  const std::string path = folder.file("model.safetensors");
  if (!fs::exists(path))
    throw IoError(folder.path() + ": this run has no trained model yet; finish it with `genmatch run " + folder.path() +
                  " --resume`");
  load_weights(path, model);
}

// The weights of a finished run in place of a training, with the time that it took there.
void take_trained(const Experiment& e, const RunFolder& folder, Result& result) {
  const RunFolder trained = RunFolder::open(folder.record().trained_in, false);
  load_model(trained, *e.model);
  save_weights(folder.file("model.safetensors"), *e.model);
  const std::string path = trained.file("result.json");
  try {
    result.seconds["training"] = nlohmann::json::parse(read_text(path)).at("seconds").at("training");
  } catch (const nlohmann::json::exception& error) {
    throw IoError(path + ": damaged: " + error.what());
  }
}

void save_samples(const RunFolder& folder, Evaluation& evaluation) {
  write_npy(folder.file("samples.npy"), side_by_side(evaluation.samples()));
  write_npy(folder.file("test.npy"), side_by_side(evaluation.splits().test.x));
  if (!evaluation.has_density()) return;
  if (!evaluation.likelihood().bound())
    write_npy(folder.file("samples_log_density.npy"), evaluation.sample_log_density());
  if (evaluation.test_was_measured()) write_npy(folder.file("test_log_density.npy"), evaluation.test_log_density());
}

// A picture that cannot be drawn costs the picture, not the run.
void draw_figures(const Experiment& e, const RunFolder& folder, Evaluation& evaluation, Result& result) {
  if (e.figures.empty()) return;
  const Stopwatch watch(result, "figures");
  fs::create_directories(folder.file("figures"));
  for (std::size_t i = 0; i < e.figures.size(); ++i) {
    evaluation.observer().stage("figure " + e.options->figures.items[i].name());
    try {
      for (const std::string& path : e.figures[i]->draw(evaluation, folder.file("figures")))
        result.figures.push_back(fs::relative(path, folder.path()).string());
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      evaluation.observer().warning(error.what());
    }
  }
}

}  // namespace

void measure(const Experiment& e, Evaluation& evaluation, Result& result) {
  const std::vector<std::string> metrics = metric_names(*e.options), baselines = baseline_names(*e.options);
  for (std::size_t i = 0; i < e.metrics.size(); ++i) {
    const std::string& name = metrics[i];
    result.metrics[name] = e.metrics[i]->value(evaluation);
    for (const auto& [simple, value] : e.metrics[i]->beside(evaluation)) result.baselines[simple][name] = value;
  }
  const Spaces all = spaces(e.factors);
  for (std::size_t i = 0; i < e.baselines.size(); ++i) {
    if (!e.baselines[i]->applies(all, e.splits)) continue;
    const std::string& name = baselines[i];
    evaluation.observer().stage("baseline " + name);
    const Table& test = e.splits.test;
    const Estimate nll = estimate(-e.baselines[i]->log_density(all, e.splits, test.x), test.group);
    result.baselines[name]["nll"] = nll;
    if (result.metrics.count("elbo") > 0)
      result.baselines[name]["elbo"] = nll;  // the bound of a known density is itself
  }
}

Result execute(Experiment& e, RunFolder& folder, Observer& observer) {
  Result result;
  result.name = e.options->name;
  result.seed = e.seed;
  result.data = e.splits.statistics;
  MetricsLog log(folder.file("metrics.jsonl"), observer, result.warnings);
  for (const std::string& w : e.splits.warnings) log.warning(w);
  const GeneratorPtr generator = learned_process(e);
  if (folder.record().trained_in.empty()) {
    const Stopwatch watch(result, "training");
    train_rounds(e, folder, log);
    save_weights(folder.file("model.safetensors"), *e.model);
  } else {
    take_trained(e, folder, result);
  }
  Evaluation evaluation(e.factors, generator, e.splits, e.options->sampling, e.like, e.seed, log, e.figure_context);
  {
    const Stopwatch watch(result, "evaluation");
    measure(e, evaluation, result);
    save_samples(folder, evaluation);
  }
  draw_figures(e, folder, evaluation, result);
  result.peak_mb = peak_memory_mb();
  write_file_atomically(folder.file("result.json"), to_json(result).dump(2) + "\n");
  folder.set_status("finished");
  return result;
}

LoadedRun load_run(const std::string& path, const std::vector<std::string>& overrides, const Catalog& catalog) {
  RunFolder folder = RunFolder::open(path, false);
  const ExperimentOptions options = read_experiment(folder.file("resolved.yaml"), overrides, catalog);
  const RunRecord& record = folder.record();
  Experiment e = build_experiment(options, record.seed, record.data_folder, record.device);
  if (e.dataset->hash() != record.data_hash)
    throw DataError(path + ": the data have changed since this run was made (hash " + e.dataset->hash() + ", then " +
                    record.data_hash + ")");
  load_model(folder, *e.model);
  const GeneratorPtr generator = learned_process(e);
  return LoadedRun{std::move(folder), std::move(e), generator};
}

}  // namespace genmatch
