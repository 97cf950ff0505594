#include <benchmark/benchmark.h>

#include "core/numerics/memory.h"

int main(int argc, char** argv) {
  genmatch::keep_freed_memory();  // as the program itself
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
