#include "core/numerics/memory.h"
#include "experiments/app/program.h"

int main(int argc, char** argv) {
  genmatch::keep_freed_memory();
  return genmatch::run_program(argc, argv);
}
