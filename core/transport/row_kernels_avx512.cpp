// Compiled with -mavx512f -mavx512dq where the compiler knows them (CMakeLists.txt).
#include "core/transport/row_kernels_impl.h"

namespace genmatch {

const RowKernels* compiled_avx512_row_kernels() {
#if defined(__AVX512F__) && defined(__AVX512DQ__)
  static constexpr RowKernels kernels = row_kernels("avx512");
  return &kernels;
#else
  return nullptr;
#endif
}

}  // namespace genmatch
