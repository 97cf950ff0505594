#include "discrete/event_sampler.h"

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/state.h"

namespace genmatch {

EventSampler::EventSampler(const DrawOptions& options, const SamplerContext& context, const char* name)
    : draw_(options), name_(name) {
  const Factors all = moving(context.factors);
  if (all.size() != 1) throw OptionError("", std::string(name) + " needs an experiment with a single factor");
  factor_ = all[0];
  path_ = &mixture_path(factor_, name);
  options.check(context.factors);
  kept_ = options.kept();
}

EventSampler::Run EventSampler::begun(const Generator& process, const State& x0, Rng& rng) const {
  const State begin = draw_.with_kept(x0);
  Run r{
      as_denoiser(process, name_), EventRandom(rng), begin, begin[0].to(at::kCPU).contiguous().clone(), {}, {}, {}, 0};
  const int64_t rows = r.words.size(0);
  r.left.assign(static_cast<std::size_t>(rows), 1.0);
  for (int64_t row = 0; row < rows; ++row) r.rows.push_back(row);
  const Tensor free =
      (path_->masked() ? r.words == path_->alphabet().symbols() : at::ones_like(r.words, at::kBool)).contiguous();
  r.free.assign(free.data_ptr<bool>(), free.data_ptr<bool>() + free.numel());
  for (std::size_t i = 0; i < r.free.size() && !kept_.empty(); ++i)
    if (kept_[i % kept_.size()] != 0) r.free[i] = 0;
  return r;
}

Solution EventSampler::run(const GeneratorPtr& process, const State& x0, Rng& rng, const StepCallback& callback) const {
  const at::NoGradGuard no_grad;
  Run r = begun(*process, x0, rng);
  for (int64_t event = 0; next(r, event); ++event)
    if (callback) callback(progress(r), 0, {});
  finish(r);
  State end = r.begin;
  end[0] = r.words.to(r.begin[0].device());
  const auto no_steps = [&](const State&, double, double) { return end; };
  Solution solution = run_through({0, 1}, end, no_steps, {});  // for the status of its rows
  solution.evaluations = r.evaluations;
  return solution;
}

void EventSampler::decide(Run& r, const std::vector<SymbolEvent>& events) const {
  if (events.empty()) return;
  std::vector<int64_t> rows;
  for (const SymbolEvent& e : events) {
    if (rows.empty() || rows.back() != e.row) rows.push_back(e.row);
    if (path_->masked()) free(r, e.row, e.place) = 0;
  }
  const Tensor index = at::tensor(rows, at::kLong);
  State x = r.begin;
  x[0] = r.words.to(r.begin[0].device());
  const State asked = rows_of(x, index.to(r.begin[0].device()));
  std::vector<double> left;
  std::vector<int64_t> logits_row(r.left.size(), 0);
  for (const int64_t row : rows) {
    logits_row[static_cast<std::size_t>(row)] = static_cast<int64_t>(left.size());
    left.push_back(r.left[static_cast<std::size_t>(row)]);
  }
  const Tensor t = path_->time_of(1 - at::tensor(left, at::kDouble)).to(asked[0].options());
  draw_events(events, r.denoiser.logits(asked, t)[0], logits_row, at::ones({1}, at::kDouble), draw_, r.words);
  ++r.evaluations;
}

}  // namespace genmatch
