#include "experiments/compare/worker_pool.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <list>
#include <optional>
#include <thread>

#include "experiments/compare/child_process.h"
#include "experiments/compare/claims.h"

namespace genmatch {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Running {
  std::size_t task;
  std::string log;
  ChildProcess child;
  Clock::time_point began;
  double share = 0;
  std::string stage, unread;
};

// The last line of a log is the error that ended the command.
std::string last_line(const std::string& path) {
  std::ifstream in(path);
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = line;
  return last;
}

TaskOutcome outcome(int status, const std::string& log) {
  TaskOutcome o;
  if (WIFEXITED(status)) o.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) o.signal = WTERMSIG(status);
  if (o.exit_code == 0 && o.signal == 0) {
    o.state = TaskOutcome::State::done;
    return o;
  }
  o.state = TaskOutcome::State::failed;
  o.message = o.signal != 0 ? fmt::format("killed by signal {} ({})", o.signal, strsignal(o.signal)) : last_line(log);
  if (o.message.empty()) o.message = fmt::format("exit code {}", o.exit_code);
  return o;
}

class Pool {
 public:
  Pool(const std::vector<Task>& tasks, const PoolOptions& options, PoolObserver& observer)
      : tasks_(tasks), options_(options), observer_(observer), outcomes_(tasks.size()) {
    for (std::size_t i = 0; i < tasks.size(); ++i) waiting_.push_back(i);
  }

  std::vector<TaskOutcome> run() {
    while (!waiting_.empty() || !running_.empty()) {
      if (!stopping_ && observer_.stop_requested()) stop();
      start_what_can();
      listen();
      collect();
      observer_.progress(progress());
    }
    return outcomes_;
  }

 private:
  void stop() {
    stopping_ = true;
    for (Running& r : running_) r.child.kill(SIGTERM);
    for (const std::size_t task : waiting_) end(task, interrupted());
    waiting_.clear();
  }

  static TaskOutcome interrupted() {
    TaskOutcome o;
    o.state = TaskOutcome::State::interrupted;
    o.message = "interrupted";
    return o;
  }

  // Tasks that others have claimed wait behind the rest.
  void start_what_can() {
    for (std::size_t tried = waiting_.size(); tried > 0 && running_.size() < std::size_t(options_.jobs); --tried) {
      const std::size_t task = waiting_.front();
      waiting_.pop_front();
      if (!start(task)) waiting_.push_back(task);
    }
  }

  // False if another process works on the same.
  bool start(std::size_t task) {
    std::optional<Claim> claim;
    if (!tasks_[task].claim.empty()) {
      claim.emplace(options_.claim_file, tasks_[task].claim);
      if (!claim->held()) return false;
    }
    TaskOutcome failure;
    try {
      const Command command = tasks_[task].command();
      if (command.words.empty()) {
        failure.state = TaskOutcome::State::done;
      } else {
        std::vector<int> inherited;
        if (claim) inherited.push_back(claim->descriptor());
        ChildProcess child(command.words, command.log, inherited);
        running_.push_back({task, command.log, std::move(child), Clock::now(), 0, "", ""});
        return true;
      }
    } catch (const std::exception& e) {
      failure.state = TaskOutcome::State::failed;
      failure.message = e.what();
    }
    end(task, failure);
    return true;
  }

  // Waits a little for reports of progress.
  void listen() {
    std::vector<pollfd> ready;
    for (const Running& r : running_) ready.push_back({r.child.progress(), POLLIN, 0});
    if (ready.empty()) {
      if (!waiting_.empty()) std::this_thread::sleep_for(200ms);
      return;
    }
    ::poll(ready.data(), ready.size(), 100);
    std::size_t i = 0;
    bool ended = false;
    for (Running& r : running_) {
      if ((ready[i].revents & POLLIN) != 0) read_progress(r);
      ended = ended || (ready[i].revents & (POLLHUP | POLLERR)) != 0;
      ++i;
    }
    if (ended) std::this_thread::sleep_for(1ms);  // between a pipe's end and its process's
  }

  static void read_progress(Running& r) {
    char buffer[4096];
    const ssize_t n = ::read(r.child.progress(), buffer, sizeof(buffer));
    if (n <= 0) return;
    r.unread.append(buffer, static_cast<std::size_t>(n));
    for (std::size_t end; (end = r.unread.find('\n')) != std::string::npos; r.unread.erase(0, end + 1)) {
      char* stage = nullptr;
      r.share = std::clamp(std::strtod(r.unread.c_str(), &stage), 0.0, 1.0);
      r.stage = r.unread.substr(0, end).substr(static_cast<std::size_t>(stage - r.unread.c_str()));
    }
  }

  void collect() {
    for (auto r = running_.begin(); r != running_.end();) {
      const std::optional<int> status = r->child.status();
      if (!status) {
        ++r;
        continue;
      }
      TaskOutcome o = outcome(*status, r->log);
      if (stopping_ && o.state == TaskOutcome::State::failed) o = interrupted();
      o.seconds = std::chrono::duration<double>(Clock::now() - r->began).count();
      const std::size_t task = r->task;
      r = running_.erase(r);
      end(task, o);
    }
  }

  void end(std::size_t task, const TaskOutcome& o) {
    outcomes_[task] = o;
    ++(o.state == TaskOutcome::State::failed ? failed_ : finished_);
    observer_.ended(task, o);
  }

  PoolProgress progress() const {
    PoolProgress p;
    p.finished = finished_;
    p.failed = failed_;
    p.total = tasks_.size();
    double done = static_cast<double>(finished_ + failed_);
    for (const Running& r : running_) {
      done += r.share;
      p.running.push_back(fmt::format("{}:{} {:.0f} %", tasks_[r.task].label, r.stage, 100 * r.share));
    }
    p.fraction = tasks_.empty() ? 1 : done / static_cast<double>(tasks_.size());
    return p;
  }

  const std::vector<Task>& tasks_;
  const PoolOptions& options_;
  PoolObserver& observer_;
  std::vector<TaskOutcome> outcomes_;
  std::deque<std::size_t> waiting_;
  std::list<Running> running_;
  std::size_t finished_ = 0, failed_ = 0;
  bool stopping_ = false;
};

}  // namespace

std::vector<TaskOutcome> run_tasks(const std::vector<Task>& tasks, const PoolOptions& options, PoolObserver& observer) {
  return Pool(tasks, options, observer).run();
}

}  // namespace genmatch
