#pragma once
#include <c10/core/thread_pool.h>

#include <future>
#include <string>
#include <vector>

#include "core/data/coupling.h"
#include "core/learn/train.h"

namespace genmatch {

/// Chains of rows, `rows` being those of all times: the last ones stay, and time by time backward the coupling puts
/// those before beside them. x0 are the first ones, x1 [B, K, *event] the K others (Path::times).
Pair chained(const Coupling& coupling, std::vector<State> rows, Rng& rng);

/// The pairs of source and data points that each step of a training sees, a pure function of (seed, step). Those of
/// `training.pool` batches are coupled together and seen `training.repeats` times, on a worker thread while the network
/// learns from the ones before.
class PairStream {
 public:
  /// The task must outlive the stream.
  explicit PairStream(const TrainingTask& task);
  /// `training.batch` pairs; conditions are withheld already. Steps may be asked for in any order, but ahead is only
  /// worked for the next. Throws what the coupling throws.
  Pair at_step(int64_t step);

 private:
  /// Rows of batch after batch: one random order of all `total` rows after another.
  class Order {
   public:
    Order(uint64_t seed, std::string purpose, int64_t total)
        : seed_(seed), purpose_(std::move(purpose)), total_(total) {}
    Tensor rows(int64_t begin, int64_t count);

   private:
    uint64_t seed_;
    std::string purpose_;
    int64_t total_, epoch_ = -1;
    Tensor order_;
  };
  const Coupling& coupling();
  Pair coupled(int64_t pool);

  const TrainingTask& task_;
  bool fit_ = true;
  std::shared_ptr<const Coupling> fitted_;  // null if there is nothing to fit
  Order order_;
  std::vector<Order> orders_before_;  // of the path's earlier times
  int64_t pool_ = -1;                 // the one that `pairs_` holds
  Pair pairs_;
  int64_t pending_ = -1;
  std::future<Pair> ahead_;
  // One thread for all steps: LibTorch sets up pools of its own for each new one. Last, so that it ends first.
  c10::ThreadPool worker_{1};
};

}  // namespace genmatch
