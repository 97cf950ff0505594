#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "core/numerics/memory.h"
#include "experiments/app/program.h"

namespace {

// Threads that wait by spinning make two of them several times slower than one as soon as other work wants the cores.
// The OpenMP library reads its policy when it is loaded, before main(): so begin again, with the policy set.
void wait_without_spinning(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (!error) execv(program.c_str(), argv);  // where that cannot be done, go on as it is
}

}  // namespace

int main(int argc, char** argv) {
  wait_without_spinning(argv);
  genmatch::keep_freed_memory();
  return genmatch::run_program(argc, argv);
}
