#pragma once
// Loops on rows of numbers that FusedPairs and FusedFilters share.
#include <algorithm>

#include "core/learn/padded_rows.h"
#include "core/numerics/vectors.h"
#include "equivariant/models/radial_features.h"

namespace genmatch {
namespace {

constexpr int64_t parts = 16;  // of the clouds, to be shared out to threads
constexpr int32_t lanes = 2 * vector_width;

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

// scale times radial_features of one distance, and its derivative by the squared distance unless slope is null.
inline void radial_row(const RadialFeatures& features, float distance, float scale, float* value, float* slope) {
  const auto spacing = static_cast<float>(features.spacing());
  for (int64_t k = 0; k < features.count; k += lanes) {
    const Floats number = __builtin_convertvector(lane_numbers() + static_cast<int32_t>(k), Floats);
    const Floats off = distance / spacing - number, here = scale * exponential(-0.5F * off * off);
    const Floats change = -off * here / (2 * spacing * distance);
    const int64_t count = std::min<int64_t>(lanes, features.count - k);
    for (int64_t l = 0; l < count; ++l) value[k + l] = here[l];
    if (slope == nullptr) continue;
    for (int64_t l = 0; l < count; ++l) slope[k + l] = change[l];
  }
}

}  // namespace
}  // namespace genmatch
