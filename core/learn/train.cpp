#include "core/learn/train.h"

#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/learn/loss.h"
#include "core/learn/optimizer.h"
#include "core/learn/pair_stream.h"
#include "core/learn/time_distribution.h"
#include "core/learn/training_state.h"
#include "core/ops.h"
#include "core/process/pairs.h"
#include "core/process/state.h"

namespace genmatch {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Run {
 public:
  Run(const TrainingTask& task, const CheckpointStore& store, Observer& observer)
      : task_(task),
        options_(task.options),
        store_(store),
        observer_(observer),
        optimizer_(task.options.optimizer.make()),
        loss_(task.options.loss.make(task.factors)),
        times_(task.options.time.make(task.factors)),
        pairs_(task) {
    if (options_.ema > 0) state_.average = parameters().values().clone();
  }

  void resume() {
    std::string warning;
    const std::optional<Checkpoint> checkpoint = store_.latest(&warning);
    if (!warning.empty()) observer_.warning(warning);
    if (!checkpoint) return;
    for (const auto& [name, value] : metadata()) {
      const auto found = checkpoint->metadata.find(name);
      if (found == checkpoint->metadata.end() || found->second != value)
        throw IoError(store_.folder() + ": the checkpoint is of another run: its " + name + " is " +
                      (found == checkpoint->metadata.end() ? "missing" : found->second) + ", not " + value);
    }
    state_ = from_checkpoint(*checkpoint, parameters(), *optimizer_);
    if (state_.step > options_.steps)
      throw IoError(fmt::format("{}: the checkpoint is of step {}, beyond the {} steps wanted (training.steps)",
                                store_.folder(), state_.step, options_.steps));
    if (state_.average.defined() != (options_.ema > 0))
      throw IoError(store_.folder() + ": the checkpoint was made with another training.ema");
    saved_ = store_.path(state_.step);
  }

  TrainingResult run() {
    started_ = saved_at_ = Clock::now();
    seconds_before_ = state_.seconds;
    while (state_.step < options_.steps) {
      step();
      if (observer_.stop_requested()) {
        save();
        throw Interrupted(fmt::format("stopped at step {} of {}; saved in {}", state_.step, options_.steps, saved_));
      }
      if (seconds_since(saved_at_) >= options_.checkpoint_seconds) save();
    }
    if (saved_ != store_.path(state_.step)) save();
    if (!state_.best.defined()) state_.best_step = state_.step;
    const Tensor& selected = state_.best.defined() ? state_.best : state_.average;
    if (selected.defined()) parameters().assign(selected);
    return {state_.best_step, state_.best_value, state_.seconds};
  }

 private:
  Parameters& parameters() { return task_.model->parameters(); }

  std::map<std::string, std::string> metadata() const {
    std::map<std::string, std::string> all = task_.metadata;
    all["seed"] = std::to_string(task_.seed);
    return all;
  }

  Rng stream(const char* purpose) const { return Rng(task_.seed, purpose, static_cast<uint64_t>(state_.step)); }

  Tensor batch_loss() {
    const at::TensorOptions like = parameters().values().options();
    Rng time = stream("train/time"), path = stream("train/path");
    const Pair pair = pairs_.at_step(state_.step);
    const Tensor u = times_->draw(pair.x1.front().size(0), time, like);
    Tensor t = options_.time_power == 1 ? u : 1 - (1 - u).pow(options_.time_power);
    if (options_.time_steps > 0) {
      const auto steps = static_cast<double>(options_.time_steps);
      t = (t * steps).floor() / steps;
    }
    return loss_->of(task_.factors, *task_.model, pair, t, path).mean();
  }

  void step() {
    const bool last = state_.step + 1 == options_.steps;
    constexpr int64_t kReportEvery = 50;
    const bool report = last || (state_.step + 1) % kReportEvery == 0;
    const Tensor loss = batch_loss();
    const double value = loss.item<double>();
    if (!std::isfinite(value)) diverged("the loss is " + std::to_string(value));
    parameters().zero_gradients();
    torch::autograd::backward({loss});
    const double norm = report || options_.clip > 0 ? parameters().gradients().norm().item<double>() : 0;
    if (options_.clip > 0 && norm > options_.clip) parameters().gradients().mul_(options_.clip / norm);
    const double rate = scheduled_rate(options_.schedule, optimizer_->rate(), state_.step, options_.steps);
    optimizer_->step(parameters(), rate);
    update_average();
    ++state_.step;
    state_.loss_sum += value;
    ++state_.loss_count;
    state_.seconds = seconds_before_ + seconds_since(started_);
    if (report) {
      observer_.training_step({state_.step, options_.steps, state_.loss_sum / static_cast<double>(state_.loss_count),
                               rate, norm, state_.seconds});
      state_.loss_sum = 0;
      state_.loss_count = 0;
    }
    if (last || state_.step % options_.validate_every == 0) validate();
  }

  void update_average() {
    if (!state_.average.defined()) return;
    const double done = static_cast<double>(state_.step);
    const double decay = std::min(options_.ema, (1 + done) / (10 + done));
    state_.average.lerp_(parameters().values(), 1 - decay);
  }

  void validate() {
    if (options_.select == "last" || task_.validation.rows() == 0) return;
    check_weights();
    const Tensor present = parameters().values().clone();
    if (state_.average.defined()) parameters().assign(state_.average);
    const double value = options_.select == "nll" ? task_.nll() : validation_loss();
    const bool best = std::isfinite(value) && !(value >= state_.best_value);
    if (best) {
      state_.best = parameters().values().clone();
      state_.best_value = value;
      state_.best_step = state_.step;
    }
    parameters().assign(present);
    if (!std::isfinite(value))
      observer_.warning(
          fmt::format("the validation value at step {} is {}; these weights are passed over", state_.step, value));
    observer_.validation({state_.step, value, best});
  }

  // The same noise each time, so that values differ by the weights alone; few rows are seen at several times.
  double validation_loss() {
    at::NoGradGuard no_grad;
    constexpr int64_t kTerms = 4096;
    const at::TensorOptions like = parameters().values().options();
    const int64_t rows = task_.validation.rows(), total = rows * std::max<int64_t>(1, kTerms / rows);
    Rng source(task_.seed, "validation/source"), coupling(task_.seed, "validation/coupling"),
        time(task_.seed, "validation/time"), path(task_.seed, "validation/path");
    const Tensor order = Rng(task_.seed, "validation/order").permutation(total);
    double sum = 0;
    for (int64_t begin = 0; begin < total; begin += kTerms) {
      const Tensor chosen = order.narrow(0, begin, std::min(kTerms, total - begin)).remainder(rows);
      const Pair pair = validation_pairs(chosen, source, coupling);
      const Tensor t = stratified_times(chosen.size(0), time, like);
      sum += loss_->of(task_.factors, *task_.model, pair, t, path).sum(at::kDouble).item<double>();
    }
    return sum / static_cast<double>(total);
  }

  Pair validation_pairs(const Tensor& rows, Rng& source, Rng& coupling) const {
    const State x1 = task_.validation.select(rows).x;
    if (task_.validation_partners != nullptr) return {rows_of(*task_.validation_partners, rows), x1};
    std::vector<State> times;
    for (const State& before : task_.validation_before)
      times.push_back(rows_of(before, source.integers(before[0].size(0), {rows.size(0)})));
    if (times.empty()) times.push_back(sample_source_for(task_.factors, x1, source));
    times.push_back(x1);
    // In pieces as large as those of training: a coupling of more rows is another one, and may take their cube in time.
    std::vector<State> x0, end;
    for (const Range& piece : ranges(rows.size(0), options_.batch * options_.pool)) {
      std::vector<State> part;
      for (const State& time : times) part.push_back(piece.of(time));
      Pair pair = task_.validation_before.empty() ? task_.coupling.couple({part[0], part[1]}, coupling)
                                                  : chained(task_.coupling, std::move(part), coupling);
      x0.push_back(std::move(pair.x0));
      end.push_back(std::move(pair.x1));
    }
    return {stacked(x0), stacked(end)};
  }

  void save() {
    check_weights();
    state_.seconds = seconds_before_ + seconds_since(started_);
    Checkpoint checkpoint = to_checkpoint(state_, parameters(), *optimizer_);
    for (const auto& [name, value] : metadata()) checkpoint.metadata[name] = value;
    store_.save(state_.step, checkpoint);
    saved_ = store_.path(state_.step);
    saved_at_ = Clock::now();
  }

  void check_weights() {
    if (!parameters().values().isfinite().all().item<bool>()) diverged("the weights are not finite");
  }

  [[noreturn]] void diverged(const std::string& what) const {
    throw NumericalError(
        fmt::format("training diverged: {} at step {} (seed {}); the last good checkpoint is {}. "
                    "Lower training.optimizer.rate, or set training.clip or training.schedule.warmup",
                    what, state_.step, task_.seed, saved_.empty() ? "none" : saved_));
  }

  const TrainingTask& task_;
  const TrainingOptions& options_;
  const CheckpointStore& store_;
  Observer& observer_;
  std::shared_ptr<Optimizer> optimizer_;
  std::shared_ptr<const Loss> loss_;
  std::shared_ptr<const TimeDistribution> times_;
  PairStream pairs_;
  TrainingState state_;
  double seconds_before_ = 0;
  Clock::time_point started_, saved_at_;
  std::string saved_;
};

void check(const TrainingTask& task) {
  if (task.model == nullptr) throw ContractError("train: model: expected a model, got null");
  if (task.train.rows() == 0 && task.options.steps > 0)
    throw DataError("training: expected at least one training row, got none; look at the data's split and filters");
  if (task.options.select == "nll" && task.validation.rows() > 0 && !task.nll)
    throw ContractError("train: nll: expected a function for select = nll, got none");
}

}  // namespace

TrainingResult train(const TrainingTask& task, const CheckpointStore& store, bool resume, Observer& observer) {
  check(task);
  Run run(task, store, observer);
  if (resume) run.resume();
  return run.run();
}

}  // namespace genmatch
