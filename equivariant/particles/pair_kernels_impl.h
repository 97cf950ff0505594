#pragma once
// The loops over pairs, for the vectors that the including file is compiled for. No function of the standard library is
// used: see vectors.h. Without fused multiply-adds (VectorFlags.cmake), so that all give the same bits.
#include "core/numerics/vectors.h"
#include "equivariant/particles/pair_kernels.h"

namespace genmatch {
namespace {

// Of a squared distance: phi and its derivative with respect to it.
struct DoubleWellLaw {
  static void at(Doubles q, Doubles& value, Doubles& slope) {
    Doubles d{};
    for (int32_t l = 0; l < vector_width; ++l) d[l] = __builtin_sqrt(q[l]);
    const Doubles z = d - 4, square = z * z;
    value = square * (0.9 * square - 4);
    slope = z * (1.8 * square - 4) / d;
  }
};

struct LennardJonesLaw {
  static void at(Doubles q, Doubles& value, Doubles& slope) {
    const Doubles inverse = 1 / q, sixth = inverse * inverse * inverse;
    value = sixth * (sixth - 2);
    slope = 6 * sixth * (1 - sixth) * inverse;
  }
};

// One vector of clouds, each coordinate of which is a vector: x and force [N, D].
template <class Law, int D>
inline Doubles pairs_of(const double* x, int64_t n, double* force) {
  constexpr int64_t w = vector_width;
  Doubles energy{};
  for (int64_t k = 0; k < n * D; ++k) write(force + k * w, Doubles{});
  for (int64_t i = 0; i < n; ++i) {
    Doubles here[D], pull[D];
    for (int d = 0; d < D; ++d) {
      here[d] = doubles(x + (i * D + d) * w);
      pull[d] = doubles(force + (i * D + d) * w);
    }
    for (int64_t j = i + 1; j < n; ++j) {
      Doubles delta[D], q{}, value, slope;
      for (int d = 0; d < D; ++d) {
        delta[d] = here[d] - doubles(x + (j * D + d) * w);
        q += delta[d] * delta[d];
      }
      Law::at(q, value, slope);
      energy += value;
      for (int d = 0; d < D; ++d) {
        const Doubles push = 2 * slope * delta[d];
        double* const other = force + (j * D + d) * w;
        pull[d] -= push;
        write(other, doubles(other) + push);
      }
    }
    for (int d = 0; d < D; ++d) write(force + (i * D + d) * w, pull[d]);
  }
  return energy;
}

template <class Law, int D>
void all_clouds(const double* x, int64_t clouds, int64_t n, double* energy, double* force, double* scratch) {
  constexpr int64_t w = vector_width;
  const int64_t size = n * D;
  double* const lanes = scratch;
  double* const forces = scratch + w * size;
  for (int64_t first = 0; first < clouds; first += w) {
    const int64_t count = clouds - first < w ? clouds - first : w;
    for (int64_t l = 0; l < w; ++l) {  // lanes without a cloud repeat the last one
      const double* const cloud = x + (first + (l < count ? l : count - 1)) * size;
      for (int64_t k = 0; k < size; ++k) lanes[k * w + l] = cloud[k];
    }
    const Doubles e = pairs_of<Law, D>(lanes, n, forces);
    for (int64_t l = 0; l < count; ++l) {
      energy[first + l] = e[l];
      for (int64_t k = 0; k < size; ++k) force[(first + l) * size + k] = forces[k * w + l];
    }
  }
}

template <class Law>
void law_of(const double* x, int64_t clouds, int64_t n, int64_t dim, double* energy, double* force, double* scratch) {
  if (dim == 1) all_clouds<Law, 1>(x, clouds, n, energy, force, scratch);
  if (dim == 2) all_clouds<Law, 2>(x, clouds, n, energy, force, scratch);
  if (dim == 3) all_clouds<Law, 3>(x, clouds, n, energy, force, scratch);
}

constexpr PairKernels pair_kernels_of(const char* name) {
  return {name, law_of<DoubleWellLaw>, law_of<LennardJonesLaw>};
}

}  // namespace
}  // namespace genmatch
