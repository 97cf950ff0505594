#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace genmatch {

/// A command in a process of its own. It is sent SIGTERM when this process ends, and killed with the object.
class ChildProcess {
 public:
  /// Starts `command` (a program's path and its arguments); standard output and error are appended to the file `log`,
  /// descriptor 3 is a pipe that progress() reads. `inherited` descriptors stay open in it. A terminal's Ctrl-C does
  /// not reach it. IoError if the log cannot be opened or the process cannot be made; a program that cannot be executed
  /// shows as exit code 127.
  ChildProcess(const std::vector<std::string>& command, const std::string& log, const std::vector<int>& inherited);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  int progress() const { return progress_; }  ///< descriptor to read from
  void kill(int signal) const;
  /// What waitpid tells of the process once it has ended; nothing before.
  std::optional<int> status();

 private:
  pid_t pid_ = -1;
  int progress_ = -1;
};

}  // namespace genmatch
