#include "tests/app/program_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "experiments/app/program.h"

namespace genmatch {

namespace fs = std::filesystem;

void ProgramTest::SetUp() {
  before_ = fs::current_path();
  fs::current_path(folder_);
  write("e.yaml", experiment());
  write("points.csv", points(60));
}

void ProgramTest::TearDown() {
  fs::current_path(before_);
  fs::permissions(folder_, fs::perms::owner_all);  // so that it can be removed
}

Outcome ProgramTest::genmatch(const std::vector<std::string>& arguments) const {
  std::vector<const char*> argv{"genmatch"};
  for (const auto& a : arguments) argv.push_back(a.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.code = run_program(static_cast<int>(argv.size()), argv.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

pid_t ProgramTest::start(const std::vector<std::string>& arguments, const std::string& out, const std::string& err) {
  std::fflush(nullptr);  // or the child would print it, too
  const pid_t child = fork();
  if (child != 0) return child;
  std::vector<char*> argv{const_cast<char*>(GENMATCH_PROGRAM)};
  for (const auto& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  if (freopen(out.c_str(), "w", stdout) == nullptr || freopen(err.c_str(), "w", stderr) == nullptr) _exit(126);
  execv(GENMATCH_PROGRAM, argv.data());
  _exit(127);
}

int ProgramTest::wait(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

Outcome ProgramTest::program(const std::vector<std::string>& arguments) const {
  const int status = wait(start(arguments, "program.out", "program.err"));
  Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("program.out"), read("program.err")};
  fs::remove(folder_ / "program.out");
  fs::remove(folder_ / "program.err");
  return outcome;
}

void ProgramTest::write(const std::string& name, const std::string& content) const { temporary_.write(name, content); }

std::string ProgramTest::read(const std::string& name) const { return temporary_.read(name); }

std::vector<std::string> ProgramTest::snapshot() const {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    const std::string name = fs::relative(entry.path(), folder_).string();
    all.push_back(name + (entry.is_regular_file() ? ":" + read(name) : ""));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string ProgramTest::experiment() {
  return "name: tiny\n"
         "space: sphere\n"
         "path: geodesic\n"
         "data: {type: csv, file: points.csv, columns: [lat, lon], format: latlon}\n"
         "model: {type: mlp, width: 8, depth: 2}\n"
         "training: {steps: 60, batch: 16, validate_every: 20, checkpoint_seconds: 0}\n"
         "sampling: {samples: 20, stepper: {type: midpoint, steps: 8}}\n";
}

std::string ProgramTest::points(int rows) {
  std::string text = "lat,lon,size\n";
  for (int i = 0; i < rows; ++i)
    text += std::to_string(40 + 5 * std::sin(i)) + "," + std::to_string(i * 360.0 / rows - 180) + "," +
            std::to_string(i % 7) + "\n";
  return text;
}

std::string ProgramTest::with(const std::string& line, const std::string& replacement) {
  std::string text = experiment();
  const auto at = text.find(line);
  if (at == std::string::npos) throw std::logic_error("no such line in the experiment: " + line);
  return text.replace(at, line.size(), replacement);
}

}  // namespace genmatch
