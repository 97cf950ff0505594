// Compiled with -mavx2 where the compiler knows it (CMakeLists.txt).
#include "core/transport/row_kernels_impl.h"

namespace genmatch {

const RowKernels* compiled_avx2_row_kernels() {
#if defined(__AVX2__)
  static constexpr RowKernels kernels = row_kernels("avx2");
  return &kernels;
#else
  return nullptr;
#endif
}

}  // namespace genmatch
