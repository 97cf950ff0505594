#include "core/measure/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"
#include "core/process/condition.h"
#include "core/process/source.h"
#include "core/process/state.h"
#include "core/rng.h"
#include "core/solve/adaptive.h"
#include "core/solve/simulate.h"

namespace genmatch {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Works through rows in batches, tells the observer how far it is, and keeps count of what failed.
class Batches {
 public:
  Batches(int64_t rows, int64_t size, std::string stage, Observer& observer)
      : rows_(rows), size_(size), stage_(std::move(stage)), observer_(observer) {
    observer_.stage(stage_);
  }

  // run(first, count) solves rows [first, first + count).
  template <class Run>
  void each(const Run& run) {
    for (int64_t first = 0; first < rows_; first += size_) {
      first_ = first;
      count_ = std::min(size_, rows_ - first);
      run(first, count_);
      observer_.progress(static_cast<double>(first + count_) / static_cast<double>(rows_));
    }
    warn();
  }

  StepCallback callback() {
    return [this](double fraction, double, const State&) {
      if (observer_.stop_requested()) throw Interrupted("stopped during " + stage_);
      observer_.progress((static_cast<double>(first_) + fraction * static_cast<double>(count_)) /
                         static_cast<double>(rows_));
    };
  }

  // Which rows [B] of a finished batch have a value; the others are counted by cause.
  Tensor solved(const Likelihood& l) { return solved(l.solution.status, l.log_density.isnan().logical_not()); }
  Tensor solved(const Solution& s) { return solved(s.status, at::ones_like(s.status, at::kBool)); }
  Tensor solved(const Tensor& statuses, const Tensor& numbers) {
    const Tensor status = statuses.to(at::kCPU), number = numbers.to(at::kCPU);
    const Tensor done = status == static_cast<int64_t>(Status::done);
    const auto count = [](const Tensor& mask) { return mask.sum().item<int64_t>(); };
    step_limit_ += count(status == static_cast<int64_t>(Status::step_limit));
    step_too_small_ += count(status == static_cast<int64_t>(Status::step_too_small));
    not_finite_ += count((status == static_cast<int64_t>(Status::not_finite)) | (done & ~number));
    return done & number;
  }

 private:
  void warn() const {
    const int64_t failed = step_limit_ + step_too_small_ + not_finite_;
    if (failed == 0) return;
    observer_.warning(fmt::format(
        "{}: {} of {} rows could not be solved ({} ran out of steps, {} needed too small a step, {} left the finite "
        "numbers) and count as NaN; try more sampling.stepper steps, a looser tolerance, or dtype: float64",
        stage_, failed, rows_, step_limit_, step_too_small_, not_finite_));
  }

  int64_t rows_, size_;
  std::string stage_;
  Observer& observer_;
  int64_t first_ = 0, count_ = 0;
  int64_t step_limit_ = 0, step_too_small_ = 0, not_finite_ = 0;
};

GeneratorPtr carrying_part(const GeneratorPtr& generator) {
  const GeneratorPtr part = generator->carrying_part();
  return part ? part : generator;
}

Tensor to_double(const Tensor& x) { return x.to(at::TensorOptions().dtype(at::kDouble).device(at::kCPU)); }

// x with NaN in the rows that are not `good`.
Tensor only(const Tensor& good, const Tensor& x) {
  return to_double(x).masked_fill(over_event(good.logical_not(), x), nan);
}
State only(const Tensor& good, const State& x) {
  State all;
  for (const Tensor& factor : x) all.push_back(only(good, factor));
  return all;
}

// Of values [n] within each group of `group` [n].
Tensor sums_of_groups(const Tensor& values, const Tensor& group) {
  if (group.sizes() != values.sizes())
    throw ContractError("estimate: group: expected one for each value, got shape " + c10::str(group.sizes()));
  const auto [all, place] = at::_unique(group, /*sorted=*/true, /*return_inverse=*/true);
  return at::zeros_like(all, at::kDouble).index_add_(0, place, values);
}

}  // namespace

Estimate estimate(const Tensor& values, const Tensor& group) {
  const Tensor v = to_double(values).reshape({-1});
  const int64_t n = v.numel();
  if (n == 0) return {nan, nan, 0};
  const Tensor off = v - v.mean(), sums = group.defined() ? sums_of_groups(off, group) : off;
  const auto count = static_cast<double>(sums.numel());
  const double sem =
      count < 2 ? nan : std::sqrt(count / (count - 1) * sums.square().sum().item<double>()) / static_cast<double>(n);
  return {v.mean().item<double>(), sem, n};
}

Evaluation::Evaluation(const Factors& factors, GeneratorPtr generator, const Splits& splits,
                       const SamplingOptions& options, const at::TensorOptions& like, uint64_t seed, Observer& observer,
                       FigureContext context)
    : factors_(factors),
      spaces_(genmatch::spaces(moving(factors))),
      process_(std::move(generator)),
      learned_(carrying_part(process_)),
      guided_(options.guided(process_, factors)),
      flow_(carrying_part(guided_)),
      splits_(splits),
      options_(options),
      stepper_(options.make_stepper(factors)),
      sampler_(options.make_sampler(factors)),
      likelihood_(options.make_likelihood(factors)),
      like_(like),
      seed_(seed),
      observer_(observer),
      context_(std::move(context)) {}

State Evaluation::with_condition(const State& x) const {
  const std::size_t own = factors_.size();
  if (x.size() == own) return x;
  if (condition_of(factors_) == nullptr || x.size() + 1 != own)
    throw ContractError(fmt::format(
        "Evaluation::log_density: x: expected one tensor for each of the {} factors, got {}", own, x.size()));
  if (factors_.back().withheld == 0)
    throw OptionError(
        "",
        "this model was never trained without its condition, so that it has no density without one; train "
        "it with training.condition_dropout, e.g. 0.1");
  return withhold(factors_, x);
}

Tensor Evaluation::log_density(const State& points, const std::string& stage) const {
  return log_density(*learned_, points, stage);
}

Tensor Evaluation::log_density(const Generator& process, const State& points, const std::string& stage) const {
  const State x = with_condition(points);
  const int64_t rows = x[0].size(0);
  Tensor result = at::full({rows}, nan, at::kDouble);
  Batches batches(rows, options_.batch, stage, observer_);
  batches.each([&](int64_t first, int64_t count) {
    State part;
    for (const Tensor& factor : x) part.push_back(factor.narrow(0, first, count).to(like_));
    Rng rng = Rng(seed_, "log-density/" + stage).for_rows(first);
    const Likelihood likelihood = likelihood_->log_density(process, part, rng, batches.callback());
    result.narrow(0, first, count).copy_(only(batches.solved(likelihood), likelihood.log_density));
  });
  return result;
}

const Tensor& Evaluation::test_log_density() {
  if (!test_log_density_) test_log_density_ = log_density(splits_.test.x, "test likelihood");
  return *test_log_density_;
}

bool Evaluation::samples_have_density() const { return has_density() && !likelihood_->bound(); }

bool Evaluation::has_density() const {
  return std::all_of(factors_.begin(), factors_.end(),
                     [](const Factor& f) { return !f.moves() || f.source->has_density(); });
}

const State& Evaluation::samples() {
  draw();
  return samples_;
}

State Evaluation::samples(const Guidance& guidance, int64_t n, const std::string& stage) const {
  SamplingOptions other = options_;
  other.guidance = guidance;
  other.check_condition(factors_);
  const GeneratorPtr process = other.guided(process_, factors_);
  std::vector<State> parts;
  Batches batches(n, options_.batch, stage, observer_);
  batches.each([&](int64_t first, int64_t count) {
    Rng rng = Rng(seed_, "samples").for_rows(first);
    const Solution drawn = sampler_->run(process, sample_source(factors_, count, rng, like_), rng, batches.callback());
    parts.push_back(only(batches.solved(drawn), drawn.x));
  });
  return stacked(parts);
}

const Tensor& Evaluation::sample_log_density() {
  draw();
  if (!sample_log_density_) {  // a bound, which takes long and is seldom wanted
    Tensor all = at::full({options_.samples}, nan, at::kDouble);
    const Tensor good = finite_rows(samples_).nonzero().squeeze(1);
    all.index_copy_(0, good, log_density(*flow_, rows_of(samples_, good), "bound of samples"));
    sample_log_density_ = all;
  }
  return *sample_log_density_;
}

double Evaluation::sample_evaluations() {
  draw();
  return sample_evaluations_;
}

Likelihood Evaluation::draw_batch(int64_t count, Rng& rng, const StepCallback& callback) const {
  const bool densities = samples_have_density();
  if (densities && likelihood_->flow() && sampler_->ode() && guided_ == flow_)
    return sample_with_density(*guided_, factors_, count, *stepper_, options_.divergence, like_, rng, callback);
  const State x0 = sample_source(factors_, count, rng, like_);
  const auto half = [&](double done) -> StepCallback {
    if (!callback) return {};
    return [&callback, done](double f, double t, const State& x) { callback(done + 0.5 * f, t, x); };
  };
  Solution drawn = sampler_->run(guided_, x0, rng, densities ? half(0) : callback);
  if (!densities) {
    const Tensor none = at::full({count}, nan, like_);
    return {none, none, drawn.x, drawn};
  }
  Rng probes = rng.fork("density");
  Likelihood likelihood = likelihood_->log_density(*flow_, drawn.x, probes, half(0.5));
  likelihood.x = drawn.x;
  likelihood.solution.evaluations = drawn.evaluations;
  return likelihood;
}

void Evaluation::draw() {
  if (!samples_.empty()) return;
  std::vector<State> x;
  std::vector<Tensor> log_density;
  const bool densities = samples_have_density();
  Batches batches(options_.samples, options_.batch, "samples", observer_);
  batches.each([&](int64_t first, int64_t count) {
    Rng rng = Rng(seed_, "samples").for_rows(first);
    const Likelihood likelihood = draw_batch(count, rng, batches.callback());
    const Tensor good = densities ? batches.solved(likelihood) : batches.solved(likelihood.solution);
    sample_evaluations_ += static_cast<double>(likelihood.solution.evaluations * count);
    x.push_back(only(good, likelihood.x));
    log_density.push_back(only(good, likelihood.log_density));
  });
  samples_ = stacked(x);
  sample_evaluations_ /= static_cast<double>(options_.samples);
  if (densities || !has_density()) sample_log_density_ = at::cat(log_density);
}

}  // namespace genmatch
