#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/denoiser.h"
#include "core/process/state.h"
#include "core/solve/sampler.h"
#include "discrete/event_random.h"
#include "discrete/posterior.h"
#include "discrete/symbol_draws.h"

namespace genmatch {
namespace {

/// The number of events of a Poisson process with this mean, at most `most`, by inversion.
int64_t poisson(double mean, double u, int64_t most) {
  double p = std::exp(-mean), upto = p;
  int64_t n = 0;
  while (n < most && !(u < upto)) {
    p *= mean / static_cast<double>(++n);
    upto += p;
  }
  return n;
}

/// Rates stay what they are at the beginning of a step, and every coordinate jumps as often as a Poisson process with
/// them. The last step draws what the posterior says of all coordinates.
class TauLeaping final : public Sampler {
 public:
  struct Options : KeepOptions {
    int64_t steps = 100;
    std::string several = "first";
    void fields(Fields& f) {
      f("steps", steps, "from source to data, on sampling.grid", at_least(1));
      f("several", several,
        "when a coordinate has several jumps in a step: `first` alone (as if its rates were zero after it), `none` of "
        "them, or the `sum` of their ways, for symbols that stand in an order",
        one_of({"first", "none", "sum"}));
      KeepOptions::fields(f);
    }
  };
  TauLeaping(const Options& options, const SamplerContext& context)
      : options_(options), factors_(context.factors), times_(context.grid->times(options.steps, context.factors)) {
    for (const Factor& factor : moving(factors_)) {
      paths_.push_back(&symbol_path(factor, kName));
      if (options.several == "sum" && paths_.back()->alphabet().has_mask())
        throw OptionError("several", "`sum` needs an order of symbols, in which a mask has no place");
    }
    options.check(factors_);
    kept_ = options.kept();
  }

  Solution run(const GeneratorPtr& process, const State& x0, Rng& rng, const StepCallback& callback) const override {
    const at::NoGradGuard no_grad;
    const EventRandom random(rng);
    int64_t step = 0;
    const auto one = [&](const State& x, double t, double next) {
      const State y =
          next < times_.back() ? leap(*process, x, t, next - t, random, step) : end(*process, x, t, random, step);
      ++step;
      return y;
    };
    Solution solution = run_through(times_, options_.with_kept(x0), one, callback);
    solution.evaluations = step;
    return solution;
  }

 private:
  static constexpr const char* kName = "process tau_leaping";
  static constexpr int64_t kMost = 64;       // jumps of a coordinate in a step that are looked at
  enum Use : uint32_t { how_often, where };  // of random numbers; the i-th jump uses where + i

  State leap(const Generator& process, const State& x, double t, double h, const EventRandom& random,
             int64_t step) const {
    const std::vector<Coefficients> all = process.at(x, at_time(x, t));
    State y = x;
    int64_t offset = 0;
    for (std::size_t f = 0; f < paths_.size(); ++f) {
      Tensor words = x[f].to(at::kCPU).contiguous().clone();
      const Tensor rates = all[f].rates.to(at::kCPU, words.scalar_type()).contiguous();
      AT_DISPATCH_FLOATING_TYPES(words.scalar_type(), "tau_leaping", [&] {
        leap_words(words.data_ptr<scalar_t>(), rates.data_ptr<scalar_t>(), words.size(0), *paths_[f], h, random, step,
                   offset);
      });
      offset += paths_[f]->alphabet().event_size();
      y[f] = words.to(x[f].device());
    }
    return y;
  }

  template <class T>
  void leap_words(T* x, const T* rates, int64_t rows, const SymbolPath& path, double h, const EventRandom& random,
                  int64_t step, int64_t offset) const {
    const int64_t places = path.alphabet().event_size(), values = path.alphabet().values();
    at::parallel_for(0, rows, 1 + 4096 / (places * values), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        for (int64_t place = 0; place < places; ++place) {
          if (!kept_.empty() && kept_[static_cast<std::size_t>(place)]) continue;
          const auto number = [&](uint32_t use) { return random.uniform(row, offset + place, step, use)[0]; };
          T& value = x[row * places + place];
          value = static_cast<T>(
              leapt(static_cast<double>(value), rates + (row * places + place) * values, values, h, number));
        }
    });
  }

  // Where the jumps of one coordinate lead.
  template <class T, class Number>
  double leapt(double x, const T* rates, int64_t values, double h, const Number& number) const {
    double total = 0;
    for (int64_t v = 0; v < values; ++v) total += static_cast<double>(rates[v]);
    if (!std::isfinite(total)) return std::numeric_limits<double>::quiet_NaN();
    if (!(total > 0)) return x;
    const bool sums = options_.several == "sum";
    const int64_t jumps = poisson(h * total, number(how_often), sums ? kMost : 2);
    if (jumps == 0 || (jumps > 1 && options_.several == "none")) return x;
    double way = 0;
    for (int64_t i = 0; i < (sums ? jumps : 1); ++i)
      way += static_cast<double>(draw_index(rates, values, number(where + static_cast<uint32_t>(i)))) - x;
    return std::clamp(x + way, 0.0, static_cast<double>(values - 1));
  }

  State end(const Generator& process, const State& x, double t, const EventRandom& random, int64_t step) const {
    const std::vector<Tensor> logits = as_denoiser(process, kName).logits(x, at_time(x, t));
    State y = x;
    int64_t offset = 0;
    for (std::size_t f = 0; f < paths_.size(); ++f) {
      const int64_t places = paths_[f]->alphabet().event_size();
      const Tensor posterior = log_posterior(*paths_[f], x[f], logits[f]).to(at::kCPU).flatten(0, -2).contiguous();
      std::vector<double> u;
      for (int64_t i = 0; i < posterior.size(0); ++i)
        u.push_back(random.uniform(i / places, offset + i % places, step, where)[0]);
      const std::vector<int64_t> symbols =
          draw_symbols(posterior, at::arange(posterior.size(0), at::kLong), u, DrawOptions());
      const Tensor words = at::tensor(symbols, at::kLong).reshape(x[f].sizes()).to(x[f].options());
      y[f] = words.masked_fill(words < 0, std::numeric_limits<double>::quiet_NaN());
      offset += places;
    }
    return options_.with_kept(y);
  }

  Options options_;
  Factors factors_;
  std::vector<double> times_;
  std::vector<const SymbolPath*> paths_;
  std::vector<char> kept_;
};

}  // namespace

void add_tau_leaping(Catalog& c) {
  c.samplers.add<TauLeaping>(
      "tau_leaping",
      {"Steps on alphabets with the rates of their beginning: of first order, for any rates, also guided "
       "ones and those of `path: metric`.",
       "Gillespie 2001, doi:10.1063/1.1378322; Campbell et al. 2022, arXiv 2205.14987"});
}

}  // namespace genmatch
