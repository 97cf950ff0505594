#pragma once
// The library prints nothing: it tells an observer.
#include <cstdint>
#include <string>

namespace genmatch {

struct TrainingStep {
  int64_t step = 0;   ///< steps done
  int64_t steps = 0;  ///< in all
  double loss = 0;    ///< mean over the steps since the last report
  double rate = 0;    ///< learning rate
  double gradient_norm = 0;
  double seconds = 0;  ///< of training so far, earlier sessions included
};

struct Validation {
  int64_t step = 0;
  double value = 0;  ///< lower is better
  bool best = false;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void stage(const std::string& /*name*/) {}  ///< "training", "test likelihood", "samples", "figure map", …
  virtual void progress(double /*fraction*/) {}       ///< within the stage, 0 to 1
  virtual void training_step(const TrainingStep&) {}
  virtual void validation(const Validation&) {}
  virtual void warning(const std::string&) {}
  /// Polled between steps: true makes the work save itself and throw Interrupted.
  virtual bool stop_requested() { return false; }
};

}  // namespace genmatch
