#include "equivariant/pair_kernels.h"

#include <array>

#include "core/numerics/instruction_sets.h"

namespace genmatch {

// Each in the one file that is compiled for those instructions.
const PairKernels* compiled_plain_pair_kernels();
const PairKernels* compiled_avx2_pair_kernels();
const PairKernels* compiled_avx512_pair_kernels();

namespace {

std::array<const PairKernels*, 4> present() {
  std::array<const PairKernels*, 4> all{compiled_plain_pair_kernels()};
  std::size_t count = 1;
  const auto add = [&](bool there, const PairKernels* kernels) {
    if (there && kernels != nullptr) all[count++] = kernels;
  };
  add(has_avx2(), compiled_avx2_pair_kernels());
  add(has_avx512(), compiled_avx512_pair_kernels());
  return all;
}

}  // namespace

const PairKernels* pair_kernels(int index) { return present()[static_cast<std::size_t>(index)]; }

const PairKernels& best_pair_kernels() {
  static const PairKernels& best = [&]() -> const PairKernels& {
    int last = 0;
    while (pair_kernels(last + 1) != nullptr) ++last;
    return *pair_kernels(last);
  }();
  return best;
}

}  // namespace genmatch
