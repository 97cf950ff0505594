#pragma once
// Explicit, counter-based randomness (Philox 4x32-10, Salmon et al. 2011, doi:10.1145/2063384.2063405).
//
// A stream is a pure function of (seed, purpose, step): a run resumed at step k draws what a run that was never
// stopped draws, with no generator state to save. There is no global generator.
#include <array>
#include <cstdint>
#include <string_view>

#include "core/tensor.h"

namespace genmatch {

/// One block of Philox 4x32-10: four 32-bit outputs for a 128-bit counter and a 64-bit key.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

class Rng {
 public:
  /// The stream for `purpose` (e.g. "train/time") at `step`.
  Rng(uint64_t seed, std::string_view purpose, uint64_t step = 0);

  /// An independent stream derived from this one's identity; does not depend on, or change, what was drawn.
  Rng fork(std::string_view purpose, uint64_t step = 0) const;

  /// This stream, not yet drawn from, for the rows from `first` (>= 0) on of a batch that is taken in parts: the rows
  /// of a tensor, along its first dimension, get what they would get in one batch of all, however it is parted. Single
  /// numbers and permutations are the same for every part.
  Rng for_rows(int64_t first) const;
  int64_t first_row() const { return first_row_; }  ///< 0 for other streams

  /// Each call returns fresh values and moves the stream on. Values depend on the element's index only, never on
  /// the number of threads. `like` gives dtype (float32 or float64) and device.
  Tensor uniform(at::IntArrayRef shape, const at::TensorOptions& like);     ///< in [0, 1)
  Tensor normal(at::IntArrayRef shape, const at::TensorOptions& like);      ///< N(0, 1)
  Tensor rademacher(at::IntArrayRef shape, const at::TensorOptions& like);  ///< -1 or +1
  Tensor integers(int64_t bound, at::IntArrayRef shape);                    ///< int64 in [0, bound), bound >= 1
  Tensor permutation(int64_t n);                                            ///< int64 [n]

  double uniform();  ///< one value in [0, 1)
  uint64_t bits();   ///< 64 random bits

 private:
  explicit Rng(uint64_t key) : key_(key) {}
  template <class T, class Draw>
  Tensor filled(const Tensor& out, const Draw& draw);

  uint64_t key_;
  uint64_t block_ = 0;  // the next unused counter, or by rows the number of calls
  int64_t first_row_ = 0;
  bool by_rows_ = false;
};

}  // namespace genmatch
