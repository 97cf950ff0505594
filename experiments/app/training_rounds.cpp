#include "experiments/app/training_rounds.h"

#include <fmt/format.h>

#include <filesystem>

#include "core/data/file.h"
#include "core/errors.h"
#include "core/learn/checkpoint.h"
#include "core/learn/learned_generator.h"
#include "core/learn/train.h"
#include "core/ops.h"
#include "core/process/state.h"
#include "core/process/time_reversed.h"
#include "core/solve/simulate.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

State to_model(State x, const at::TensorOptions& like) {
  for (Tensor& factor : x) factor = factor.to(like);
  return x;
}

Table to_model(const Table& table, const at::TensorOptions& like) { return {to_model(table.x, like), table.columns}; }

// Pairs (x0, x1) that a process makes: of its source, or running backward of the data.
class PairMaker {
 public:
  PairMaker(const Experiment& e, int64_t round, Observer& observer)
      : e_(e), rng_(e.seed, "rounds/pairs", static_cast<uint64_t>(round)), observer_(observer) {}

  Pair make(bool backward) {
    const at::NoGradGuard no_grad;
    const GeneratorPtr learned = learned_process(e_);
    const GeneratorPtr process = backward ? std::make_shared<TimeReversed>(learned) : learned;
    const auto stepper = e_.options->sampling.make_stepper(e_.factors);
    const int64_t n = e_.options->training.rounds.pairs, size = e_.options->sampling.batch;
    std::vector<State> starts, ends;
    for (int64_t first = 0; first < n; first += size) {
      const int64_t count = std::min(size, n - first);
      const State start = backward ? data(count) : sample_source(e_.factors, count, rng_, e_.like);
      const Solution end = simulate(*process, spaces(e_.factors), start, 0, 1, *stepper, rng_);
      const Tensor good = end.status.eq(static_cast<int64_t>(Status::done)).nonzero().squeeze(1);
      starts.push_back(rows_of(start, good));
      ends.push_back(rows_of(end.x, good));
      observer_.progress(static_cast<double>(first + count) / static_cast<double>(n));
      if (observer_.stop_requested()) throw Interrupted("stopped while pairs were made for the next round");
    }
    Pair pair{stacked(starts), stacked(ends)};
    if (pair.x0[0].size(0) == 0)
      throw NumericalError(
          "training.rounds: the process learned so far makes no finite pair; give sampling.stepper more "
          "steps, or train longer");
    if (backward) std::swap(pair.x0, pair.x1);
    return pair;
  }

 private:
  State data(int64_t count) {
    return to_model(rows_of(e_.splits.train.x, rng_.integers(e_.splits.train.rows(), {count})), e_.like);
  }

  const Experiment& e_;
  Rng rng_;
  Observer& observer_;
};

/// Counts the steps of all rounds.
class OneRound final : public Observer {
 public:
  OneRound(Observer& next, int64_t before, int64_t all) : next_(next), before_(before), all_(all) {}
  void stage(const std::string& name) override { next_.stage(name); }
  void progress(double fraction) override { next_.progress(fraction); }
  void training_step(const TrainingStep& step) override {
    TrainingStep s = step;
    s.step += before_;
    s.steps = all_;
    next_.training_step(s);
  }
  void validation(const Validation& validation) override {
    Validation v = validation;
    v.step += before_;
    next_.validation(v);
  }
  void warning(const std::string& text) override { next_.warning(text); }
  bool stop_requested() override { return next_.stop_requested(); }

 private:
  Observer& next_;
  int64_t before_, all_;
};

class Rounds {
 public:
  Rounds(Experiment& e, const RunFolder& folder, Observer& observer) : e_(e), folder_(folder), observer_(observer) {}

  void run() {
    const int64_t count = rounds();
    const bool distills = e_.options->training.rounds.distill > 0;
    for (int64_t round = 0; round < count; ++round) {
      const std::string weights = folder_.file(fmt::format("rounds/{}.safetensors", round));
      if (fs::exists(weights)) {
        load_weights(weights, *e_.model);
        continue;
      }
      const std::string name = count == 1 ? "training" : fmt::format("training, round {} of {}", round + 1, count);
      train_one(round, name, distills && round + 1 == count);
      if (count == 1) return;
      fs::create_directories(folder_.file("rounds"));
      save_weights(weights, *e_.model);
    }
  }

 private:
  int64_t rounds() const {
    const RoundOptions& options = e_.options->training.rounds;
    return 1 + options.count + (options.distill > 0 ? 1 : 0);
  }
  // Round 0 on the coupling of the experiment, the others on pairs of the process so far.
  void train_one(int64_t round, const std::string& name, bool distills) {
    TrainingOptions options = e_.options->training;
    Table train_rows = to_model(e_.splits.train, e_.like), validation_rows = to_model(e_.splits.validation, e_.like);
    State partners = to_model(e_.splits.train_starts, e_.like);
    const State validation_partners = to_model(e_.splits.validation_starts, e_.like);
    const auto before = [&](Table Snapshot::*part) {
      std::vector<State> rows = rows_before(e_.factors, e_.splits, part);
      for (State& x : rows) x = to_model(std::move(x), e_.like);
      return rows;
    };
    if (round > 0) {
      observer_.stage(name + ": pairs");
      const std::string& direction = options.rounds.direction;
      Pair pairs =
          PairMaker(e_, round, observer_).make(direction == "backward" || (direction == "alternate" && round % 2 == 1));
      train_rows.x = std::move(pairs.x1);
      partners = std::move(pairs.x0);
      if (options.select == "loss") options.select = "last";  // validation rows have no partners
    }
    if (distills) options.time_steps = options.rounds.distill;
    Observer silent;
    Evaluation evaluation(e_.factors, learned_process(e_), e_.splits, e_.options->sampling, e_.like, e_.seed, silent);
    const auto nll = [&] {
      return -evaluation.log_density(e_.splits.validation.x, "validation").mean().item<double>();
    };
    observer_.stage(name);
    const CheckpointStore store(
        folder_.file(round == 0 ? std::string("checkpoints") : fmt::format("rounds/{}-checkpoints", round)));
    const TrainingTask task{options,
                            e_.factors,
                            *e_.coupling,
                            train_rows,
                            validation_rows,
                            e_.model,
                            e_.seed + static_cast<uint64_t>(round) * 0x9e3779b97f4a7c15ULL,
                            nll,
                            {{"data", folder_.record().data_hash}, {"options", hash_hex(folder_.resolved_yaml())}},
                            partners.empty() ? nullptr : &partners,
                            round > 0 || validation_partners.empty() ? nullptr : &validation_partners,
                            before(&Snapshot::train),
                            before(&Snapshot::validation)};
    OneRound observer(observer_, round * options.steps, rounds() * options.steps);
    train(task, store, /*resume=*/true, observer);
  }

  Experiment& e_;
  const RunFolder& folder_;
  Observer& observer_;
};

}  // namespace

GeneratorPtr learned_process(const Experiment& e) {
  return std::make_shared<LearnedGenerator>(with_preserving(e.factors, e.options->sampling.stochasticity), e.model);
}

void save_weights(const std::string& path, Model& model) {
  Checkpoint checkpoint;
  for (const auto& p : model.parameters().entries()) checkpoint.tensors[p.name] = p.value.detach();
  save_checkpoint(path, checkpoint);
}

void load_weights(const std::string& path, Model& model) {
  const Checkpoint checkpoint = load_checkpoint(path);
  at::NoGradGuard no_grad;
  for (const auto& p : model.parameters().entries()) {
    const auto found = checkpoint.tensors.find(p.name);
    if (found == checkpoint.tensors.end() || found->second.sizes() != p.value.sizes())
      throw IoError(path + ": does not fit the model: " + p.name + " is missing or of another shape");
    Tensor(p.value).copy_(found->second);
  }
}

void train_rounds(Experiment& e, const RunFolder& folder, Observer& observer) { Rounds(e, folder, observer).run(); }

}  // namespace genmatch
