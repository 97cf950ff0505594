#include "core/learn/dense_kernels.h"

#include "core/numerics/instruction_sets.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const DenseKernels* compiled_plain_dense_kernels();
const DenseKernels* compiled_avx2_dense_kernels();
const DenseKernels* compiled_avx512_dense_kernels();

namespace {

const PresentKernels<DenseKernels>& present() {
  static const PresentKernels<DenseKernels> all(compiled_plain_dense_kernels(), has_avx2() && has_fma(),
                                                compiled_avx2_dense_kernels(), compiled_avx512_dense_kernels());
  return all;
}

}  // namespace

const DenseKernels* dense_kernels(int index) { return present()[index]; }
const DenseKernels& best_dense_kernels() { return present().best(); }

}  // namespace genmatch
