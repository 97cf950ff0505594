#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/experiment.h"
#include "core/process/generator.h"
#include "experiments/store/result.h"
#include "experiments/store/run_folder.h"

namespace genmatch {

/// Trains, evaluates, measures and draws; leaves everything in the folder. Goes on from the folder's checkpoints.
Result execute(Experiment& experiment, RunFolder& folder, Observer& observer);

/// A finished run, ready to be sampled or measured again.
struct LoadedRun {
  RunFolder folder;
  Experiment experiment;
  GeneratorPtr generator;
};
/// IoError if the run has no trained model yet, or its data have changed. `overrides` may change how it is
/// sampled and measured, not what was trained.
LoadedRun load_run(const std::string& path, const std::vector<std::string>& overrides, const Catalog& catalog);

/// Metrics and baselines of a generator on the experiment's test rows.
void measure(const Experiment& experiment, Evaluation& evaluation, Result& result);

}  // namespace genmatch
