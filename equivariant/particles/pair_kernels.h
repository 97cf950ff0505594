#pragma once
#include <cstdint>

namespace genmatch {

/// Energies sum_{i<j} phi(|x_i - x_j|) [clouds] and forces [clouds, N, D] of float64 clouds x [clouds, N, D] in memory,
/// for D = 1, 2, 3. Each cloud has a lane of the vectors to itself, so that its numbers depend neither on the other
/// clouds nor, bit for bit, on the instruction set.
struct PairKernels {
  using Function = void (*)(const double* x, int64_t clouds, int64_t particles, int64_t dim, double* energy,
                            double* force, double* scratch);
  const char* name;  ///< of the instruction set: "plain", "avx2", "avx512"
  Function double_well, lennard_jones;
  /// How many numbers `scratch` has to hold.
  static int64_t scratch_size(int64_t particles, int64_t dim) { return 2 * kMostLanes * particles * dim; }
  static constexpr int64_t kMostLanes = 8;
};

/// Those that this processor can run, from the narrowest on; null past the last.
const PairKernels* pair_kernels(int index);
const PairKernels& best_pair_kernels();

}  // namespace genmatch
