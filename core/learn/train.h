#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config/choice.h"
#include "core/data/coupling.h"
#include "core/data/dataset.h"
#include "core/learn/checkpoint.h"
#include "core/learn/model.h"
#include "core/observer.h"
#include "core/process/factor.h"

namespace genmatch {

/// How the learning rate moves: linear warm-up, then constant or a half cosine down to final * rate.
struct RateOptions {
  std::string type = "constant";  ///< constant | cosine
  int64_t warmup = 0;             ///< steps
  double final = 0;               ///< share of the rate that is left at the end (cosine)
  void fields(Fields& f);
};

/// The learning rate of step `step` (from 0) of `steps`, for an optimiser with the given largest rate.
double scheduled_rate(const RateOptions& options, double rate, int64_t step, int64_t steps);

/// Further trainings, each on pairs that the process learned so far has made.
struct RoundOptions {
  int64_t count = 0;
  int64_t pairs = 20000;              ///< made for each round
  std::string direction = "forward";  ///< forward | backward | alternate (backward first)
  int64_t distill = 0;                ///< steps that a last round is made for; 0 = none
  void fields(Fields& f);
};

struct TrainingOptions {
  int64_t steps = 10000;
  int64_t batch = 512;
  int64_t pool = 1;     ///< batches whose pairs are coupled together
  int64_t repeats = 1;  ///< how many steps see the same pair, at other times
  OptimizerChoice optimizer{"adam"};
  RateOptions schedule;
  double clip = 0;                ///< largest gradient norm; 0 = off
  double ema = 0.999;             ///< decay of the averaged weights; 0 = off
  std::string select = "nll";     ///< nll | loss | last: which validation value picks the weights
  int64_t validate_every = 1000;  ///< steps
  LossChoice loss{"bregman"};
  TimeDistributionChoice time{"stratified"};
  double time_power = 1;         ///< t = 1 - (1 - u)^power: above 1, more work near the data
  double condition_dropout = 0;  ///< share of the rows that do not see their condition
  RoundOptions rounds;
  double checkpoint_seconds = 30;  ///< at most this much work is lost to a kill
  int64_t time_steps = 0;          ///< no option: times are multiples of 1 / time_steps, if that is not 0
  void fields(Fields& f);
};

/// Everything training works on.
struct TrainingTask {
  const TrainingOptions& options;
  const Factors& factors;
  const Coupling& coupling;
  const Table& train;       ///< of the model's dtype and device
  const Table& validation;  ///< may have no rows; then the last weights are taken
  std::shared_ptr<Model> model;
  uint64_t seed;
  /// Validation NLL of the model's present weights; used for select = nll.
  std::function<double()> nll;
  /// Goes into every checkpoint (e.g. the hash of the experiment); a checkpoint to resume from must agree with it.
  std::map<std::string, std::string> metadata = {};
  /// x0 of each training row, where the pairs are given; else the source is drawn from and coupled.
  const State* partners = nullptr;
  /// The same for the validation rows.
  const State* validation_partners = nullptr;
  /// The rows of the path's earlier times, the first one first, for paths through several times (Path::times): what is
  /// coupled then are chains of rows, one of each time. Empty for other paths.
  std::vector<State> before = {}, validation_before = {};
};

struct TrainingResult {
  int64_t best_step = 0;  ///< steps after which the selected weights were taken
  double best_value = 0;  ///< NaN for select = last
  double seconds = 0;     ///< of training and validation, earlier sessions included
};

/// Minimises the loss; leaves the selected (averaged) weights in the model. Goes on from the store's
/// latest checkpoint if `resume`: the result is the same, bit for bit, as that of an undisturbed run.
/// Batches go through the data in a new random order each epoch; an average's decay rises to `ema` as
/// (1 + step) / (10 + step), steps counted from 0. Checkpoints hold the tensors "model/<parameter>", "ema/...",
/// "best/...", "optimizer/exp_avg/...", and the step.
/// Throws NumericalError (step, seed, last checkpoint) if the loss is not finite, Interrupted after saving, DataError
/// without training rows, IoError if a checkpoint is not one of this task.
TrainingResult train(const TrainingTask& task, const CheckpointStore& store, bool resume, Observer& observer);

/// Copies the weights that training selected, or would have if it had ended there, from a checkpoint. IoError if they
/// are not those of a model of this shape.
void load_selected(const Checkpoint& checkpoint, Parameters& parameters);

}  // namespace genmatch
