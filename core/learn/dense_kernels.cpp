#include "core/learn/dense_kernels.h"

#include <array>

#include "core/numerics/instruction_sets.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const DenseKernels* compiled_plain_dense_kernels();
const DenseKernels* compiled_avx2_dense_kernels();
const DenseKernels* compiled_avx512_dense_kernels();

namespace {

// From the narrowest to the widest, then nulls.
std::array<const DenseKernels*, 4> present() {
  std::array<const DenseKernels*, 4> all{compiled_plain_dense_kernels()};
  std::size_t count = 1;
  const auto add = [&](bool there, const DenseKernels* kernels) {
    if (there && kernels != nullptr) all[count++] = kernels;
  };
  add(has_avx2() && has_fma(), compiled_avx2_dense_kernels());
  add(has_avx512(), compiled_avx512_dense_kernels());
  return all;
}

}  // namespace

const DenseKernels* dense_kernels(int index) { return present()[static_cast<std::size_t>(index)]; }

const DenseKernels& best_dense_kernels() {
  static const DenseKernels& best = [&]() -> const DenseKernels& {
    int last = 0;
    while (dense_kernels(last + 1) != nullptr) ++last;
    return *dense_kernels(last);
  }();
  return best;
}

}  // namespace genmatch
