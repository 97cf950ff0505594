#include <ATen/Parallel.h>

#include <algorithm>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/denoiser.h"
#include "core/process/state.h"
#include "core/solve/sampler.h"
#include "discrete/event_random.h"
#include "discrete/hazards.h"
#include "discrete/symbol_draws.h"

namespace genmatch {
namespace {

/// Each coordinate of a word draws the end of its path from the posterior, and in each step goes there with the
/// probability that the path does: exact for one coordinate, of first order in the step for several, which are drawn
/// independently of each other.
class CtmcSampler final : public Sampler {
 public:
  struct Options : DrawOptions {
    int64_t steps = 100;
    Corrector corrector;
    void fields(Fields& f) {
      f("steps", steps, "from source to data, on sampling.grid", at_least(1));
      f("corrector", corrector, "c(t): so much of the process runs forward besides, and as much backward");
      DrawOptions::fields(f);
    }
  };
  CtmcSampler(const Options& options, const SamplerContext& context)
      : options_(options), factors_(context.factors), times_(context.grid->times(options.steps, context.factors)) {
    for (const Factor& factor : moving(factors_)) {
      paths_.push_back(&mixture_path(factor, "process ctmc"));
      if (options.corrector.on() && !paths_.back()->independent())
        throw OptionError("corrector", "needs a source of independent symbols: uniform, mask or symbols");
    }
    options.check(factors_);
    kept_ = options.kept();
  }

  Solution run(const GeneratorPtr& process, const State& x0, Rng& rng, const StepCallback& callback) const override {
    const at::NoGradGuard no_grad;
    const Denoiser& denoiser = as_denoiser(*process, "process ctmc");
    const EventRandom random(rng);
    int64_t step = 0, evaluations = 0;
    const auto one = [&](const State& x, double t, double next) {
      const Happenings all = draw_times(x, t, next, random, step);
      const State y = happen(denoiser, x, t, all);
      evaluations += all.rows.empty() ? 0 : 1;
      ++step;
      return y;
    };
    Solution solution = run_through(times_, options_.with_kept(x0), one, callback);
    solution.evaluations = evaluations;
    return solution;
  }

 private:
  enum Use : uint32_t { whether, what, where };  // of random numbers

  /// The events of a step by factor, and the rows that have any which the network decides.
  struct Happenings {
    std::vector<std::vector<SymbolEvent>> decided, masked;
    std::vector<int64_t> rows;
  };

  // Most of the time goes into asking every coordinate whether something happens to it. Eight of them share one draw,
  // 16 bits each: the first digits of the number that is compared, whose others are drawn only where these do not
  // decide.
  template <class T>
  void ask(const T* x, int64_t row, int64_t places, int64_t offset, const Hazards& h, bool masked,
           const EventRandom& random, int64_t step, std::vector<SymbolEvent>& decided,
           std::vector<SymbolEvent>& back_to_mask) const {
    constexpr int64_t at_once = 8;
    const auto values = static_cast<T>(h.threshold.size());
    for (int64_t first = 0; first < places; first += at_once) {
      const int64_t count = std::min(at_once, places - first);
      double threshold[at_once] = {}, any = 0;
      for (int64_t j = 0; j < count; ++j) {
        const T v = x[first + j];
        if (v >= 0 && v < values) threshold[j] = h.threshold[static_cast<std::size_t>(v)];
        if (!kept_.empty() && kept_[static_cast<std::size_t>(first + j)]) threshold[j] = 0;
        any += threshold[j];
      }
      if (any == 0) continue;
      const auto bits = random.bits(row, offset + first, step, whether);
      for (int64_t j = 0; j < count; ++j) {
        const auto digits = static_cast<double>(bits[static_cast<std::size_t>(j / 2)] >> (16 * (j % 2)) & 0xffff);
        if (!(digits < threshold[j])) continue;
        const int64_t place = first + j;
        const auto [u, rest] = random.uniform(row, offset + place, step, what);
        if (!(digits + rest < threshold[j])) continue;
        const double share = h.back[static_cast<std::size_t>(x[place])];
        // The first number chooses between the two ways, and what is left of it is uniform again.
        if (u >= share) {
          decided.push_back({row, place, share > 0 ? (u - share) / (1 - share) : u});
        } else if (masked) {
          back_to_mask.push_back({row, place, u});
        } else {
          decided.push_back({row, place, u / share, random.uniform(row, offset + place, step, where)[0]});
        }
      }
    }
  }

  Happenings draw_times(const State& x, double t, double next, const EventRandom& random, int64_t step) const {
    Happenings all;
    int64_t offset = 0;
    const int64_t rows = x[0].size(0);
    std::vector<char> asks(static_cast<std::size_t>(rows), 0);
    for (std::size_t f = 0; f < paths_.size(); ++f) {
      const Hazards h = hazards(*paths_[f], options_.corrector, t, next);
      const Tensor words = x[f].to(at::kCPU).contiguous();
      const int64_t places = paths_[f]->alphabet().event_size(), chunk = 1 + 8192 / places;
      const auto chunks = static_cast<std::size_t>((rows + chunk - 1) / chunk);
      std::vector<std::vector<SymbolEvent>> decided(chunks), masked(chunks);
      AT_DISPATCH_FLOATING_TYPES(words.scalar_type(), "ctmc", [&] {
        const scalar_t* const data = words.data_ptr<scalar_t>();
        at::parallel_for(0, static_cast<int64_t>(chunks), 1, [&](int64_t begin, int64_t end) {
          for (int64_t c = begin; c < end; ++c)
            for (int64_t row = c * chunk; row < std::min(rows, (c + 1) * chunk); ++row)
              ask(data + row * places, row, places, offset, h, paths_[f]->masked(), random, step,
                  decided[static_cast<std::size_t>(c)], masked[static_cast<std::size_t>(c)]);
        });
      });
      all.decided.push_back(joined(decided));
      all.masked.push_back(joined(masked));
      for (const SymbolEvent& e : all.decided.back()) asks[static_cast<std::size_t>(e.row)] = 1;
      offset += places;
    }
    for (int64_t row = 0; row < rows; ++row)
      if (asks[static_cast<std::size_t>(row)]) all.rows.push_back(row);
    return all;
  }

  static std::vector<SymbolEvent> joined(const std::vector<std::vector<SymbolEvent>>& parts) {
    std::vector<SymbolEvent> all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }

  // The network looks only at rows to which something happens.
  State happen(const Denoiser& denoiser, const State& x, double t, const Happenings& all) const {
    State y = x;
    const auto rows = static_cast<int64_t>(all.rows.size());
    std::vector<Tensor> logits(x.size());
    std::vector<int64_t> logits_row(static_cast<std::size_t>(x[0].size(0)), 0);
    if (rows > 0) {
      const State asked = rows == x[0].size(0) ? x : rows_of(x, at::tensor(all.rows, at::kLong).to(x[0].device()));
      logits = denoiser.logits(asked, at_time(asked, t));
      for (int64_t i = 0; i < rows; ++i)
        logits_row[static_cast<std::size_t>(all.rows[static_cast<std::size_t>(i)])] = i;
    }
    for (std::size_t f = 0; f < paths_.size(); ++f) {
      if (all.decided[f].empty() && all.masked[f].empty()) continue;
      Tensor words = x[f].to(at::kCPU).contiguous().clone();
      const Tensor source = options_.corrector.on() ? paths_[f]->source("process ctmc") : at::ones({1}, at::kDouble);
      draw_events(all.decided[f], logits[f], logits_row, source, options_, words);
      for (const SymbolEvent& e : all.masked[f])
        words[e.row].view(-1)[e.place].fill_(static_cast<double>(paths_[f]->alphabet().symbols()));
      y[f] = words.to(x[f].device());
    }
    return y;
  }

  Options options_;
  Factors factors_;
  std::vector<double> times_;
  std::vector<const MixturePath*> paths_;
  std::vector<char> kept_;
};

}  // namespace

void add_ctmc_sampler(Catalog& c) {
  c.samplers.add<CtmcSampler>(
      "ctmc", {"Steps on alphabets in which each coordinate jumps on its own, with the path's own probability, to a "
               "symbol drawn from the posterior; the last step draws all that is left.",
               "Campbell et al. 2024, arXiv 2402.04997; Gat et al. 2024, arXiv 2407.15595"});
}

}  // namespace genmatch
