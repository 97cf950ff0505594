#pragma once
#include <future>

#include "core/data/coupling.h"
#include "core/learn/train.h"

namespace genmatch {

/// The pairs of source and data points that each step of a training sees, a pure function of (seed, step). Those of
/// `training.pool` steps are coupled together, on a worker thread while the network learns from the ones before.
class PairStream {
 public:
  /// The task must outlive the stream.
  explicit PairStream(const TrainingTask& task);
  /// `training.batch` pairs; conditions are withheld already. Steps may be asked for in any order, but ahead is only
  /// worked for the next. Throws what the coupling throws.
  Pair at_step(int64_t step);

 private:
  Pair coupled(int64_t pool);
  Tensor rows(int64_t step);

  const TrainingTask& task_;
  int64_t epoch_ = -1;
  Tensor order_;
  int64_t pool_ = -1;  // the one that `pairs_` holds
  Pair pairs_;
  int64_t pending_ = -1;
  std::future<Pair> ahead_;
};

}  // namespace genmatch
