#include "equivariant/particles/pair_kernels.h"

#include "core/numerics/instruction_sets.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const PairKernels* compiled_plain_pair_kernels();
const PairKernels* compiled_avx2_pair_kernels();
const PairKernels* compiled_avx512_pair_kernels();

namespace {

const PresentKernels<PairKernels>& present() {
  static const PresentKernels<PairKernels> all(compiled_plain_pair_kernels(), has_avx2(), compiled_avx2_pair_kernels(),
                                               compiled_avx512_pair_kernels());
  return all;
}

}  // namespace

const PairKernels* pair_kernels(int index) { return present()[index]; }
const PairKernels& best_pair_kernels() { return present().best(); }

}  // namespace genmatch
