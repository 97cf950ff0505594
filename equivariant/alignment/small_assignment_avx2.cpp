// Compiled with -mavx2 where the compiler knows it (VectorFlags.cmake).
#include "equivariant/alignment/small_assignment_impl.h"

namespace genmatch {

const SmallAssignmentKernels* compiled_avx2_small_assignment() {
#if defined(__AVX2__)
  static constexpr SmallAssignmentKernels kernels = small_assignment_of("avx2");
  return &kernels;
#else
  return nullptr;
#endif
}

}  // namespace genmatch
