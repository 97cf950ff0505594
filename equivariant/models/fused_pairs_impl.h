#pragma once
// What the files of FusedPairs share.
#include <ATen/Parallel.h>

#include <algorithm>
#include <initializer_list>
#include <memory>

#include "core/numerics/vectors.h"
#include "core/ops.h"
#include "equivariant/models/fused_pairs.h"
#include "equivariant/models/fused_rows.h"

namespace genmatch {
namespace {

constexpr int32_t lanes = 2 * vector_width;
constexpr int64_t block_rows = 192;  // pairs whose numbers stay in the second cache

// Rows are padded to a multiple of the lanes.
inline float dot(const float* a, const float* b, int32_t n) {
  Floats sum{};
  for (int32_t k = 0; k < n; k += lanes) sum += read<Floats>(a + k) * read<Floats>(b + k);
  float total = 0;
  for (int32_t l = 0; l < lanes; ++l) total += sum[l];
  return total;
}

inline void add(float* to, const float* from, int64_t n) {
  for (int64_t k = 0; k < n; ++k) to[k] += from[k];
}

inline std::vector<float> floats(int64_t n) { return std::vector<float>(static_cast<std::size_t>(n), 0.0F); }

// Left as it comes, as a block is filled before it is read and filling it with zeros first would take as long.
using Numbers = std::unique_ptr<float[]>;

}  // namespace

// Row r is a pair of particles, counted through all clouds. z: after the nonlinearity; s: its slope.
struct FusedPairs::Block {
  int32_t rows = 0;
  std::vector<int64_t> centre, partner;
  Numbers apart, inverse, inverse_slope, features, features_slope;
  Numbers z1, s1, z2, s2, z3, s3, said, gate, pull;
  Numbers g, h, of_features;                                // what goes back through the layers, or along them
  Numbers along;                                            // what is wanted of move, along apart
  Numbers of_apart, square, start_square, of_square_slope;  // derivatives

  Block(int64_t particles, int64_t dim, int64_t row, int64_t features_count, int64_t padded_features) {
    const int64_t most = std::max(block_rows, particles - 1);
    centre.resize(static_cast<std::size_t>(most));
    partner.resize(static_cast<std::size_t>(most));
    const auto allocate = [&](int64_t size, std::initializer_list<Numbers*> all) {
      for (Numbers* const one : all) one->reset(new float[static_cast<std::size_t>(most * size)]);
    };
    allocate(dim, {&apart, &of_apart});
    allocate(1, {&inverse, &inverse_slope, &gate, &pull, &along, &square, &start_square});
    allocate(features_count, {&features, &features_slope});
    allocate(row, {&z1, &s1, &z2, &s2, &z3, &s3, &said, &g, &h, &of_square_slope});
    allocate(padded_features, {&of_features});
  }
};

struct FusedPairs::Sums {
  std::vector<float> distance, out, out_bias, attention, position, position_bias, pull, unused;
  float attention_bias = 0;
};

struct FusedPairs::Gradients {
  Tensor own, other, y;
};

// The clouds in as many parts, each with a block of its own.
template <class Work>
void FusedPairs::for_parts(int64_t clouds, const Work& work) const {
  const int64_t count = std::min(parts, clouds);
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    Block block(particles_, dim_, row_, features_, distance_.padded_in);
    for (int64_t part = begin; part < end; ++part) {
      const int64_t first = part * clouds / count * particles_, last = (part + 1) * clouds / count * particles_;
      const int64_t step = std::max<int64_t>(1, block_rows / std::max<int64_t>(1, particles_ - 1));
      for (int64_t i = first; i < last; i += step) work(part, block, i, std::min(i + step, last));
    }
  });
}

}  // namespace genmatch
