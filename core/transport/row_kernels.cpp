#include "core/transport/row_kernels.h"

#include "core/numerics/instruction_sets.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const RowKernels* compiled_plain_row_kernels();
const RowKernels* compiled_avx2_row_kernels();
const RowKernels* compiled_avx512_row_kernels();

const RowKernels* plain_row_kernels() { return compiled_plain_row_kernels(); }

const RowKernels* avx2_row_kernels() { return has_avx2() ? compiled_avx2_row_kernels() : nullptr; }
const RowKernels* avx512_row_kernels() { return has_avx512() ? compiled_avx512_row_kernels() : nullptr; }

const RowKernels& best_row_kernels() {
  if (const RowKernels* kernels = avx512_row_kernels()) return *kernels;
  if (const RowKernels* kernels = avx2_row_kernels()) return *kernels;
  return *plain_row_kernels();
}

}  // namespace genmatch
