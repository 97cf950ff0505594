#include <malloc.h>

#include "experiments/app/program.h"

int main(int argc, char** argv) {
  // Tensors come and go by the megabyte: keep their memory instead of giving it back to the kernel each time.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
  return genmatch::run_program(argc, argv);
}
