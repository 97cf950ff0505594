#pragma once
// Loops on rows of numbers that FusedPairs and FusedFilters share.
#include "core/learn/padded_rows.h"

namespace genmatch {
namespace {

constexpr int64_t parts = 16;  // of the clouds, to be shared out to threads

inline void add_scaled(float* to, float scale, const float* from, int64_t n) {
  for (int64_t k = 0; k < n; ++k) to[k] += scale * from[k];
}

// Row after row of `size` numbers. Made once for many rows: asking a tensor for its data costs as much as using some.
struct RowsOf {
  float* data;
  int64_t size;
  RowsOf(const Tensor& x, int64_t row_size, int64_t first = 0)
      : data(x.defined() ? x.data_ptr<float>() + first * row_size : nullptr), size(row_size) {}
  float* operator[](int64_t row) const { return data + row * size; }
  explicit operator bool() const { return data != nullptr; }
};

}  // namespace
}  // namespace genmatch
