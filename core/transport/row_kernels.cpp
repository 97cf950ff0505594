#include "core/transport/row_kernels.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const RowKernels* compiled_plain_row_kernels();
const RowKernels* compiled_avx2_row_kernels();
const RowKernels* compiled_avx512_row_kernels();

const RowKernels* plain_row_kernels() { return compiled_plain_row_kernels(); }

#if defined(__x86_64__) || defined(__i386__)
const RowKernels* avx2_row_kernels() { return __builtin_cpu_supports("avx2") ? compiled_avx2_row_kernels() : nullptr; }
const RowKernels* avx512_row_kernels() {
  const bool there = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
  return there ? compiled_avx512_row_kernels() : nullptr;
}
#else
const RowKernels* avx2_row_kernels() { return nullptr; }
const RowKernels* avx512_row_kernels() { return nullptr; }
#endif

const RowKernels& best_row_kernels() {
  if (const RowKernels* kernels = avx512_row_kernels()) return *kernels;
  if (const RowKernels* kernels = avx2_row_kernels()) return *kernels;
  return *plain_row_kernels();
}

}  // namespace genmatch
