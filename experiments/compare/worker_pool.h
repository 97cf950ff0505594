#pragma once
// Runs commands side by side, each in a process of its own, so that one that crashes costs nothing else.
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace genmatch {

struct Command {
  std::vector<std::string> words;  ///< the path of a program and its arguments; none if nothing is to be done
  std::string log;                 ///< file that takes what it prints, in a folder that exists
};

struct Task {
  std::string label;  ///< for people: "wide, seed 1"
  /// Called when the task is about to start and its claim is held.
  std::function<Command()> command;
  std::string claim;  ///< at most one process of all pools works on the same claim at a time; "" for no claim
};

struct TaskOutcome {
  enum class State { waiting, done, failed, interrupted };
  State state = State::waiting;
  int exit_code = 0;    ///< of a command that has ended by itself
  int signal = 0;       ///< that killed it, or 0
  std::string message;  ///< why it failed, in a few words
  double seconds = 0;   ///< it ran
};

struct PoolOptions {
  int jobs = 1;            ///< processes at once
  std::string claim_file;  ///< where claims are held; needed if any task has one
  /// Descriptor that commands report their progress to, one line "0.25 training" at a time: share done, what is done.
  static constexpr int progress_descriptor = 3;
};

/// What is told while the pool works.
struct PoolProgress {
  std::size_t finished = 0, failed = 0, total = 0;
  double fraction = 0;               ///< of all work, running commands counted by their share
  std::vector<std::string> running;  ///< "wide, seed 1: training 25 %"
};

/// Calls of the pool; all from the thread that called run_tasks.
class PoolObserver {
 public:
  virtual ~PoolObserver() = default;
  virtual void progress(const PoolProgress&) {}
  virtual void ended(std::size_t /*task*/, const TaskOutcome&) {}
  /// True asks all commands to save themselves (SIGTERM) and lets none start any more.
  virtual bool stop_requested() { return false; }
};

/// Runs all tasks, the first first, and goes on after failures. Commands end with this process, however it ends: they
/// are sent SIGTERM. Returns one outcome per task; `interrupted` for those that were stopped or never started.
/// IoError if the claim file cannot be made.
std::vector<TaskOutcome> run_tasks(const std::vector<Task>& tasks, const PoolOptions& options, PoolObserver& observer);

}  // namespace genmatch
