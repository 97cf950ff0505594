#include "experiments/app/progress_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>

namespace genmatch {

namespace {

// Training is most of a run; what follows is shown as the rest.
constexpr double training_share = 0.9;

}  // namespace

ProgressReport::ProgressReport(Observer& next, int descriptor) : next_(next), descriptor_(descriptor) {
  std::signal(SIGPIPE, SIG_IGN);  // whoever listened may be gone
}

void ProgressReport::stage(const std::string& name) {
  next_.stage(name);
  stage_ = name;
  if (!training() || reported_ <= 0) report(0);  // a later round of the training goes on where the last one ended
}

void ProgressReport::progress(double fraction) {
  next_.progress(fraction);
  if (!training()) report(fraction);
}

void ProgressReport::training_step(const TrainingStep& s) {
  next_.training_step(s);
  report(static_cast<double>(s.step) / static_cast<double>(std::max<int64_t>(s.steps, 1)));
}

// Each round of a training is a stage, and so are the pairs that are made for it.
bool ProgressReport::training() const { return stage_.rfind("training", 0) == 0; }

void ProgressReport::report(double fraction) {
  const double done = training() ? training_share * fraction : training_share;
  if (training() && std::abs(done - reported_) < 0.002 && fraction < 1) return;
  reported_ = done;
  const std::string line = fmt::format("{:.4f} {}\n", done, stage_);
  if (::write(descriptor_, line.data(), line.size()) < 0) return;  // only a display depends on it
}

}  // namespace genmatch
