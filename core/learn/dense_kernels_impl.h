#pragma once
// The kernels of dense_kernels.h, compiled by each of the files that include this for its own instruction set.
#include "core/learn/dense_kernels.h"
#include "core/numerics/vectors.h"

namespace genmatch {
namespace {

constexpr int32_t lanes = 2 * vector_width;

// A few rows and two vectors of columns, whose sums stay in registers.
template <int32_t rows>
inline void tile(const float* a, int64_t a_row, int64_t a_step, const float* b, int32_t inner, int32_t columns,
                 float* c, bool add) {
  Floats sum[rows][2] = {};
  for (int32_t k = 0; k < inner; ++k, a += a_step, b += columns) {
    const Floats b0 = read<Floats>(b), b1 = read<Floats>(b + lanes);
    for (int32_t r = 0; r < rows; ++r) {
      const float x = a[r * a_row];
      sum[r][0] += x * b0;
      sum[r][1] += x * b1;
    }
  }
  for (int32_t r = 0; r < rows; ++r, c += columns)
    for (int32_t v = 0; v < 2; ++v) {
      float* const to = c + v * lanes;
      write(to, add ? read<Floats>(to) + sum[r][v] : sum[r][v]);
    }
}

inline void product(const float* a, int64_t a_row, int64_t a_step, const float* b, int32_t rows, int32_t inner,
                    int32_t columns, float* c, bool add) {
  constexpr int32_t group = 6;
  for (int32_t j = 0; j < columns; j += 2 * lanes) {
    int32_t i = 0;
    const auto run = [&](auto tile_of_rows, int32_t count) {
      tile_of_rows(a + i * a_row, a_row, a_step, b + j, inner, columns, c + static_cast<int64_t>(i) * columns + j, add);
      i += count;
    };
    while (i + group <= rows) run(tile<group>, group);
    if (i + 4 <= rows) run(tile<4>, 4);
    if (i + 2 <= rows) run(tile<2>, 2);
    if (i < rows) run(tile<1>, 1);
  }
}

struct Activated {
  Floats value, slope;
};

inline Activated identity(Floats z) { return {z, all(1.0F)}; }
inline Activated silu(Floats z) {
  const Floats gate = 1.0F / (1.0F + exponential(-z)), value = z * gate;
  return {value, gate + value * (1.0F - gate)};
}
inline Activated selu(Floats z) {
  constexpr float alpha = 1.6732632423543772848F, scale = 1.0507009873554804934F;  // Klambauer et al. 2017
  const Floats e = alpha * scale * exponential(smaller(z, all(0.0F)));
  return {z > 0 ? scale * z : e - alpha * scale, z > 0 ? all(scale) : e};
}
inline Activated hyperbolic_tangent(Floats z) {
  const Floats value = 1.0F - 2.0F / (exponential(2.0F * z) + 1.0F);
  return {value, 1.0F - value * value};
}

template <Activated (*phi)(Floats)>
inline void activate_by(float* z, const float* bias, int32_t rows, int32_t columns, float* slope) {
  for (int32_t i = 0; i < rows; ++i)
    for (int32_t j = 0; j < columns; j += lanes, z += lanes) {
      const Activated at = phi(read<Floats>(z) + read<Floats>(bias + j));
      write(z, at.value);
      if (slope == nullptr) continue;
      write(slope, at.slope);
      slope += lanes;
    }
}

inline void activate(Nonlinearity phi, float* z, const float* bias, int32_t rows, int32_t columns, float* slope) {
  switch (phi) {
    case Nonlinearity::identity:
      return activate_by<identity>(z, bias, rows, columns, slope);
    case Nonlinearity::silu:
      return activate_by<silu>(z, bias, rows, columns, slope);
    case Nonlinearity::selu:
      return activate_by<selu>(z, bias, rows, columns, slope);
    case Nonlinearity::tanh:
      return activate_by<hyperbolic_tangent>(z, bias, rows, columns, slope);
  }
}

inline void chain(float* gradient, const float* slope, int32_t rows, int32_t columns, float* sums) {
  for (int32_t j = 0; j < columns; j += lanes) {
    Floats sum = read<Floats>(sums + j);
    for (int32_t i = 0; i < rows; ++i) {
      const int64_t at = static_cast<int64_t>(i) * columns + j;
      Floats g = read<Floats>(gradient + at);
      if (slope != nullptr) {
        g *= read<Floats>(slope + at);
        write(gradient + at, g);
      }
      sum += g;
    }
    write(sums + j, sum);
  }
}

inline void radial_basis(float x, float spacing, float scale, int32_t count, float* value, float* slope) {
  for (int32_t k = 0; k < count; k += lanes) {
    const Floats off = x / spacing - __builtin_convertvector(lane_numbers() + k, Floats);
    const Floats here = scale * exponential(-0.5F * off * off), change = -off * here / (2 * spacing * x);
    const std::size_t size = sizeof(float) * static_cast<std::size_t>(count - k < lanes ? count - k : lanes);
    std::memcpy(value + k, &here, size);
    if (slope != nullptr) std::memcpy(slope + k, &change, size);
  }
}

constexpr DenseKernels dense_kernels_of(const char* name) {
  return {name, 2 * lanes, product, activate, chain, radial_basis};
}

}  // namespace
}  // namespace genmatch
