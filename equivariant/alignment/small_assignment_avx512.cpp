// Compiled with -mavx512f -mavx512dq where the compiler knows it (VectorFlags.cmake).
#include "equivariant/alignment/small_assignment_impl.h"

namespace genmatch {

const SmallAssignmentKernels* compiled_avx512_small_assignment() {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  static constexpr SmallAssignmentKernels kernels = small_assignment_of("avx512");
  return &kernels;
#else
  return nullptr;
#endif
}

}  // namespace genmatch
