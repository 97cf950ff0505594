#include "core/learn/pair_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/ops.h"
#include "core/process/condition.h"
#include "core/process/pairs.h"
#include "core/process/state.h"

namespace genmatch {
Pair chained(const Coupling& coupling, std::vector<State> rows, Rng& rng) {
  for (std::size_t k = rows.size() - 1; k > 0; --k)
    rows[k - 1] = coupling.couple({std::move(rows[k - 1]), rows[k]}, rng).x0;
  Pair chain{std::move(rows.front()), {}};
  for (std::size_t f = 0; f < chain.x0.size(); ++f) {
    std::vector<Tensor> later;
    for (std::size_t k = 1; k < rows.size(); ++k) later.push_back(rows[k][f]);
    chain.x1.push_back(at::stack(later, 1));
  }
  return chain;
}

Tensor PairStream::Order::rows(int64_t begin, int64_t count) {
  std::vector<Tensor> pieces;
  for (int64_t i = begin, end = begin + count; i < end;) {
    const int64_t epoch = i / total_, place = i % total_, length = std::min(total_ - place, end - i);
    if (epoch != epoch_) order_ = Rng(seed_, purpose_, static_cast<uint64_t>(epoch)).permutation(total_);
    epoch_ = epoch;
    pieces.push_back(order_.narrow(0, place, length));
    i += length;
  }
  return at::cat(pieces);
}

PairStream::PairStream(const TrainingTask& task) : task_(task), order_(task.seed, "train/epoch", task.train.rows()) {
  for (std::size_t k = 0; k < task.before.size(); ++k)
    orders_before_.emplace_back(task.seed, fmt::format("train/epoch/{}", k), task.before[k][0].size(0));
}

// Fitted at the first call, from the seed alone: a training that goes on fits it again.
const Coupling& PairStream::coupling() {
  if (fit_) {
    Rng rng(task_.seed, "train/coupling/fit");
    const at::TensorOptions like = task_.train.x[0].options();
    const auto source = [&](int64_t n, Rng& r) { return sample_source(task_.factors, n, r, like); };
    fitted_ = task_.coupling.fitted(source, task_.train.x, rng);
    fit_ = false;
  }
  return fitted_ != nullptr ? *fitted_ : task_.coupling;
}

Pair PairStream::coupled(int64_t pool) {
  const at::NoGradGuard no_grad;
  const auto stream = [&](const char* purpose) { return Rng(task_.seed, purpose, static_cast<uint64_t>(pool)); };
  Rng source = stream("train/source"), coupling = stream("train/coupling"), dropped = stream("train/condition");
  const int64_t count = task_.options.pool * task_.options.batch;
  const Tensor rows = order_.rows(pool * count, count);
  State x1 = task_.train.select(rows).x;
  const at::TensorOptions like = x1[0].options();
  if (!task_.before.empty()) {
    std::vector<State> times;
    for (std::size_t k = 0; k < task_.before.size(); ++k)
      times.push_back(rows_of(task_.before[k], orders_before_[k].rows(pool * count, count)));
    times.push_back(std::move(x1));
    return chained(task_.coupling, std::move(times), coupling);
  }
  Pair pair = task_.partners != nullptr
                  ? Pair{rows_of(*task_.partners, rows), x1}
                  : this->coupling().couple({sample_source_for(task_.factors, x1, source), x1}, coupling);
  const double share = task_.factors.back().withheld;
  if (share > 0)
    pair.x1 = withhold(task_.factors, std::move(pair.x1), dropped.uniform({pair.x1[0].size(0)}, like) < share);
  return pair;
}

Pair PairStream::at_step(int64_t step) {
  // A pool's batches take turns, so that a pair is seen again as late as can be.
  const int64_t batches = task_.options.pool, steps = batches * task_.options.repeats, pool = step / steps;
  if (pool != pool_) {
    const bool there = ahead_.valid() && pending_ == pool;
    if (ahead_.valid() && !there) ahead_.wait();  // it uses the same members
    pairs_ = there ? ahead_.get() : coupled(pool);
    pool_ = pool;
    pending_ = pool + 1;
    ahead_ = {};
    if ((pool + 1) * steps < task_.options.steps) {
      const auto work = std::make_shared<std::packaged_task<Pair()>>([this, next = pool + 1] { return coupled(next); });
      ahead_ = work->get_future();
      worker_.run([work] { (*work)(); });
    }
  }
  // A coupling may drop pairs: each step gets its share of what is left.
  const int64_t all = pairs_.x1[0].size(0), part = step % batches;
  const int64_t first = part * all / batches;
  const Range own{first, (part + 1) * all / batches - first};
  return {own.of(pairs_.x0), own.of(pairs_.x1)};
}

}  // namespace genmatch
