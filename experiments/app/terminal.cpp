#include "experiments/app/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>

#include "experiments/report/text.h"

namespace genmatch {

namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_signal(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);  // the second one ends at once
}

int terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

TerminalObserver::TerminalObserver() : terminal_(isatty(STDERR_FILENO) == 1) {
  stage_began_ = last_shown_ = Clock::now();
}

TerminalObserver::~TerminalObserver() { clear(); }

void TerminalObserver::clear() {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
}

void TerminalObserver::stage(const std::string& name) {
  clear();
  stage_ = name;
  note_.clear();
  stage_began_ = last_shown_ = Clock::now();
  first_fraction_ = -1;
  if (terminal_) show(0, "");
}

void TerminalObserver::progress(double fraction) { show(fraction, note_); }

void TerminalObserver::training_step(const TrainingStep& s) {
  show(static_cast<double>(s.step) / static_cast<double>(std::max<int64_t>(s.steps, 1)),
       fmt::format("step {}/{}  loss {:.4f}{}", s.step, s.steps, s.loss, note_));
}

void TerminalObserver::validation(const Validation& v) {
  if (v.best) note_ = fmt::format("  validation {:.3f} at {}", v.value, v.step);
}

void TerminalObserver::warning(const std::string& text) {
  clear();
  fmt::print(stderr, "warning: {}\n", text);
}

bool TerminalObserver::stop_requested() { return interrupted != 0; }

double TerminalObserver::seconds_in_stage() const {
  return std::chrono::duration<double>(Clock::now() - stage_began_).count();
}

void TerminalObserver::show(double fraction, const std::string& note) {
  if (first_fraction_ < 0) first_fraction_ = fraction;  // a resumed stage does not begin at zero
  const auto now = Clock::now();
  const double since = std::chrono::duration<double>(now - last_shown_).count();
  if (since < (terminal_ ? 0.1 : 10.0) && fraction < 1 && line_open_ == terminal_) return;
  last_shown_ = now;
  std::string left;
  const double done = fraction - first_fraction_;
  if (done > 0.005 && fraction < 1) left = "  " + format_seconds(seconds_in_stage() * (1 - fraction) / done) + " left";
  std::string line = fmt::format("{:<16} {:3.0f} %{}  {}", stage_, 100 * fraction, left, note);
  if (terminal_) {
    line.resize(std::min<std::size_t>(line.size(), static_cast<std::size_t>(terminal_width()) - 1));
    fmt::print(stderr, "\r\033[K{}", line);
    std::fflush(stderr);
    line_open_ = true;
  } else {
    fmt::print(stderr, "{}\n", line);
  }
}

}  // namespace genmatch
