// Compiled with -mavx512f -mavx512dq where the compiler knows them (VectorFlags.cmake).
#include "equivariant/particles/pair_kernels_impl.h"

namespace genmatch {

const PairKernels* compiled_avx512_pair_kernels() {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  static constexpr PairKernels kernels = pair_kernels_of("avx512");
  return &kernels;
#else
  return nullptr;
#endif
}

}  // namespace genmatch
