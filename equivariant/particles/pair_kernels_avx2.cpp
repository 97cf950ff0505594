// Compiled with -mavx2 where the compiler knows it (VectorFlags.cmake).
#include "equivariant/particles/pair_kernels_impl.h"

namespace genmatch {

const PairKernels* compiled_avx2_pair_kernels() {
#if defined(__AVX2__)
  static constexpr PairKernels kernels = pair_kernels_of("avx2");
  return &kernels;
#else
  return nullptr;
#endif
}

}  // namespace genmatch
