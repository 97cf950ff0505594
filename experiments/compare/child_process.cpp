#include "experiments/compare/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/errors.h"

namespace genmatch {

namespace {

constexpr int progress_in_child = 3;

// Between fork and exec only calls that are safe after a fork of a process with threads.
[[noreturn]] void become(char* const* arguments, int log, int progress, const std::vector<int>& inherited,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);  // the parent has ended before the line above
  ::setpgid(0, 0);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  for (int d : inherited) {
    if (d == progress_in_child) d = ::dup(d);  // makes room
    ::fcntl(d, F_SETFD, 0);
  }
  ::dup2(progress, progress_in_child);
  ::execv(arguments[0], arguments);
  const char* message = "cannot be executed\n";
  if (::write(STDERR_FILENO, message, std::strlen(message)) < 0) ::_exit(126);
  ::_exit(127);
}

// Never one of the first descriptors, which become() gives a meaning.
int raised(int descriptor) {
  const int high = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 16);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return high;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::string& log,
                           const std::vector<int>& inherited) {
  const int opened = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  const int output = opened < 0 ? -1 : raised(opened);
  if (output < 0) throw IoError(log + ": cannot be written: " + std::strerror(errno));
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) {
    ::close(output);
    throw IoError(std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  progress_ = pipe_ends[0];
  const int progress = raised(pipe_ends[1]);
  ::fcntl(progress_, F_SETFL, O_NONBLOCK);

  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(arguments.data(), output, progress, inherited, parent);
  const int error = errno;
  ::close(output);
  ::close(progress);
  if (pid_ < 0) {
    ::close(progress_);
    throw IoError(std::string("cannot start a process: ") + std::strerror(error));
  }
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), progress_(std::exchange(other.progress_, -1)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (progress_ >= 0) ::close(progress_);
}

void ChildProcess::kill(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

std::optional<int> ChildProcess::status() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return status;
}

}  // namespace genmatch
