#pragma once
#include "core/experiment.h"
#include "core/observer.h"
#include "experiments/store/run_folder.h"

namespace genmatch {

/// Trains the model of an experiment, and then `training.rounds.count` times more, each time on pairs that the process
/// learned so far has made: reflow (Liu et al. 2023, arXiv 2209.03003) of flows, iterative Markovian fitting (Shi et
/// al. 2023, arXiv 2303.16852) of diffusions. The weights of every round are kept in the run folder as
/// rounds/<round>.safetensors; a run that is killed goes on in the round that it was in.
void train_rounds(Experiment& e, const RunFolder& folder, Observer& observer);

/// The learned process, as sampling.stochasticity wants it.
GeneratorPtr learned_process(const Experiment& e);

void save_weights(const std::string& path, Model& model);
/// IoError if the file is not there or is not of such a model.
void load_weights(const std::string& path, Model& model);

}  // namespace genmatch
