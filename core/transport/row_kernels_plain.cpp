#include "core/transport/row_kernels_impl.h"

namespace genmatch {

const RowKernels* compiled_plain_row_kernels() {
  static constexpr RowKernels kernels = row_kernels("plain");
  return &kernels;
}

}  // namespace genmatch
