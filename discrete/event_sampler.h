#pragma once
// Samplers that ask the network at every event of a word, not on a grid of times: exact, at a network call per event.
#include <vector>

#include "core/process/denoiser.h"
#include "core/solve/sampler.h"
#include "discrete/event_random.h"
#include "discrete/mixture_path.h"
#include "discrete/symbol_draws.h"

namespace genmatch {

/// What they share: one factor, whose clock is the share 1 - kappa of the source that is left, for each row on its own.
class EventSampler : public Sampler {
 public:
  /// OptionError naming `name` unless there is one factor, on a mixture path.
  EventSampler(const DrawOptions& options, const SamplerContext& context, const char* name);
  Solution run(const GeneratorPtr& process, const State& x0, Rng& rng, const StepCallback& callback) const final;

 protected:
  enum Use : uint32_t { when, which };  // of random numbers

  struct Run {
    const Denoiser& denoiser;
    const EventRandom random;
    const State begin;
    Tensor words;
    std::vector<double> left;   // 1 - kappa of each row
    std::vector<int64_t> rows;  // those that go on
    std::vector<char> free;     // whether a coordinate may change, [rows * coordinates]
    int64_t evaluations;
  };
  /// One event of every row that goes on; false if there is none.
  virtual bool next(Run& r, int64_t event) const = 0;
  virtual void finish(Run&) const {}
  virtual double progress(const Run& r) const = 0;

  const MixturePath& path() const { return *path_; }
  int64_t places() const { return path_->alphabet().event_size(); }
  char& free(Run& r, int64_t row, int64_t place) const {
    return r.free[static_cast<std::size_t>(row * places() + place)];
  }
  /// Lets the network decide events, in the order of their rows, at the times of these rows.
  void decide(Run& r, const std::vector<SymbolEvent>& events) const;

 private:
  Run begun(const Generator& process, const State& x0, Rng& rng) const;

  DrawOptions draw_;
  const char* name_;
  Factor factor_;
  const MixturePath* path_;
  std::vector<char> kept_;
};

}  // namespace genmatch
