#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "core/observer.h"

namespace genmatch {

/// Shows stages, progress and time left on standard error: one line that is redrawn on a terminal, a line every
/// ten seconds elsewhere.
class TerminalObserver : public Observer {
 public:
  TerminalObserver();
  ~TerminalObserver() override;
  void stage(const std::string& name) override;
  void progress(double fraction) override;
  void training_step(const TrainingStep& step) override;
  void validation(const Validation& validation) override;
  void warning(const std::string& text) override;
  bool stop_requested() override;
  /// Shows a share of the stage with a note, now and then.
  void show(double fraction, const std::string& note);
  /// Removes the progress line, so that something else can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  double seconds_in_stage() const;

  bool terminal_;
  bool line_open_ = false;
  std::string stage_, note_;
  Clock::time_point stage_began_, last_shown_;
  double first_fraction_ = -1;
};

/// From now on Ctrl-C and SIGTERM ask the work to save itself and stop; a second Ctrl-C ends at once.
void catch_interrupts();

}  // namespace genmatch
