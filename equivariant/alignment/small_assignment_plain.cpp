#include "equivariant/alignment/small_assignment_impl.h"

namespace genmatch {

const SmallAssignmentKernels* compiled_plain_small_assignment() {
  static constexpr SmallAssignmentKernels kernels = small_assignment_of("plain");
  return &kernels;
}

}  // namespace genmatch
