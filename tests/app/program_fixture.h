#pragma once
// Runs the program in-process inside a folder of its own, with an experiment small enough to take a second.
#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace genmatch {

struct Outcome {
  int code = 0;
  std::string out, err;
};

class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Runs `genmatch ARGUMENTS` in the folder.
  Outcome genmatch(const std::vector<std::string>& arguments) const;
  /// Starts the program as a process of its own, in the folder; what it prints goes to the two files.
  static pid_t start(const std::vector<std::string>& arguments, const std::string& out = "/dev/null",
                     const std::string& err = "/dev/null");
  /// Waits for its end: what waitpid tells.
  static int wait(pid_t child);
  /// Both, with what it printed.
  Outcome program(const std::vector<std::string>& arguments) const;
  void write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;
  /// Every file below the folder with its content, to see that nothing was touched.
  std::vector<std::string> snapshot() const;

  /// A valid experiment on `points.csv`, 60 steps; and the points: `rows` places on a circle of latitude.
  static std::string experiment();
  static std::string points(int rows);
  /// experiment() with one line replaced.
  static std::string with(const std::string& line, const std::string& replacement);

  TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();

 private:
  std::filesystem::path before_;
};

}  // namespace genmatch
