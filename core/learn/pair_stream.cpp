#include "core/learn/pair_stream.h"

#include <algorithm>

#include "core/ops.h"
#include "core/process/condition.h"
#include "core/process/pairs.h"
#include "core/process/state.h"

namespace genmatch {
PairStream::PairStream(const TrainingTask& task) : task_(task) {}

// Rows of batch after batch: one random order of all rows after another.
Tensor PairStream::rows(int64_t step) {
  const int64_t total = task_.train.rows(), batch = task_.options.batch;
  std::vector<Tensor> pieces;
  for (int64_t i = step * batch, end = i + batch; i < end;) {
    const int64_t epoch = i / total, place = i % total, length = std::min(total - place, end - i);
    if (epoch != epoch_) order_ = Rng(task_.seed, "train/epoch", static_cast<uint64_t>(epoch)).permutation(total);
    epoch_ = epoch;
    pieces.push_back(order_.narrow(0, place, length));
    i += length;
  }
  return at::cat(pieces);
}

Pair PairStream::coupled(int64_t pool) {
  const at::NoGradGuard no_grad;
  const int64_t steps = task_.options.pool;
  const auto stream = [&](const char* purpose) { return Rng(task_.seed, purpose, static_cast<uint64_t>(pool)); };
  Rng source = stream("train/source"), coupling = stream("train/coupling"), dropped = stream("train/condition");
  std::vector<Tensor> chosen;
  for (int64_t step = pool * steps; step < (pool + 1) * steps; ++step) chosen.push_back(rows(step));
  const Tensor all = at::cat(chosen);
  const State x1 = task_.train.select(all).x;
  const at::TensorOptions like = x1[0].options();
  Pair pair = task_.partners != nullptr
                  ? Pair{rows_of(*task_.partners, all), x1}
                  : task_.coupling.couple({sample_source(task_.factors, all.size(0), source, like), x1}, coupling);
  const double share = task_.factors.back().withheld;
  if (share > 0)
    pair.x1 = withhold(task_.factors, std::move(pair.x1), dropped.uniform({pair.x1[0].size(0)}, like) < share);
  return pair;
}

Pair PairStream::at_step(int64_t step) {
  const int64_t steps = task_.options.pool, pool = step / steps;
  if (pool != pool_) {
    const bool there = ahead_.valid() && pending_ == pool;
    if (ahead_.valid() && !there) ahead_.wait();  // it uses the same members
    pairs_ = there ? ahead_.get() : coupled(pool);
    pool_ = pool;
    pending_ = pool + 1;
    ahead_ = (pool + 1) * steps < task_.options.steps
                 ? std::async(std::launch::async, [this, next = pool + 1] { return coupled(next); })
                 : std::future<Pair>();
  }
  // A coupling may drop pairs: each step gets its share of what is left.
  const int64_t all = pairs_.x1[0].size(0), part = step % steps;
  const int64_t first = part * all / steps;
  const Range own{first, (part + 1) * all / steps - first};
  return {own.of(pairs_.x0), own.of(pairs_.x1)};
}

}  // namespace genmatch
