#include "equivariant/particles/pair_kernels_impl.h"

namespace genmatch {

const PairKernels* compiled_plain_pair_kernels() {
  static constexpr PairKernels kernels = pair_kernels_of("plain");
  return &kernels;
}

}  // namespace genmatch
