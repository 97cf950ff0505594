#pragma once
#include <limits>
#include <string>

#include "core/learn/checkpoint.h"
#include "core/learn/optimizer.h"
#include "core/learn/parameters.h"

namespace genmatch {

/// Everything that the next training step depends on besides the parameters and the optimiser; with these two it
/// goes into a checkpoint and comes back bit for bit.
struct TrainingState {
  int64_t step = 0;     ///< steps done
  double loss_sum = 0;  ///< since the last report
  int64_t loss_count = 0;
  int64_t best_step = 0;
  double best_value = std::numeric_limits<double>::quiet_NaN();  ///< NaN while there is none
  double seconds = 0;                                            ///< of training so far
  Tensor average;                                                ///< flat [P]; undefined without averaging
  Tensor best;                                                   ///< flat [P]; undefined while there is none

  /// Which weights are selected: "best", "ema" or "model", the first of them that exists.
  std::string selected() const;
};

/// The state as named tensors, copied.
Checkpoint to_checkpoint(const TrainingState& state, const Parameters& parameters, Optimizer& optimizer);
/// The reverse: writes the parameters and the optimiser. IoError if the checkpoint is not one of such a model.
TrainingState from_checkpoint(const Checkpoint& checkpoint, Parameters& parameters, Optimizer& optimizer);

}  // namespace genmatch
