#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "core/numerics/memory.h"
#include "experiments/app/program.h"

namespace {

// Commands that compute with several threads.
bool computes(const std::string& command) {
  return command == "run" || command == "data" || command == "sample" || command == "evaluate" || command == "density";
}

// Threads that wait by spinning make two of them several times slower than one as soon as other work wants the cores.
// The OpenMP library reads its policy when it is loaded, before main(): so begin again, with the policy set. Processes
// that this one starts find it set.
void wait_without_spinning(int argc, char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  if (argc < 2 || !computes(argv[1])) return;
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (!error) execv(program.c_str(), argv);  // where that cannot be done, go on as it is
}

}  // namespace

int main(int argc, char** argv) {
  wait_without_spinning(argc, argv);
  genmatch::keep_freed_memory();
  return genmatch::run_program(argc, argv);
}
