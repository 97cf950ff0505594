#pragma once
#include <array>
#include <cstdint>

#include "core/rng.h"

namespace genmatch {

/// Random numbers that are a function of the stream and of where they are used alone, so that a row's course depends
/// neither on the rows beside it nor on the number of threads. Rows are those of the stream (Rng::for_rows).
class EventRandom {
 public:
  explicit EventRandom(Rng& rng);  ///< moves the stream on
  /// 128 bits for (row, place, step) and one of several uses.
  std::array<uint32_t, 4> bits(int64_t row, int64_t place, int64_t step, uint32_t use) const {
    return philox(
        {static_cast<uint32_t>(first_row_ + row), static_cast<uint32_t>(place), static_cast<uint32_t>(step), use},
        key_);
  }
  /// Two independent uniform numbers in [0, 1).
  std::array<double, 2> uniform(int64_t row, int64_t place, int64_t step, uint32_t use) const;

 private:
  std::array<uint32_t, 2> key_;
  int64_t first_row_;
};

}  // namespace genmatch
