#pragma once
// The loops that small networks in single precision spend their time in, once for each instruction set. Plain C++ on
// pointers; the tables differ in speed and in rounding alone.
#include <cstdint>

namespace genmatch {

/// Nonlinearities that have a kernel; identity adds the bias alone.
enum class Nonlinearity { identity, silu, selu, tanh };

struct DenseKernels {
  const char* name;
  int32_t padding;  ///< columns are multiples of this
  /// c[i, j] = sum_k a[i * a_row + k * a_step] b[k * columns + j], added to c if `add`, for i < rows, k < inner.
  void (*product)(const float* a, int64_t a_row, int64_t a_step, const float* b, int32_t rows, int32_t inner,
                  int32_t columns, float* c, bool add);
  /// z[i, j] = phi(z[i, j] + bias[j]), and the derivative there unless slope is null.
  void (*activate)(Nonlinearity phi, float* z, const float* bias, int32_t rows, int32_t columns, float* slope);
  /// gradient[i, j] *= slope[i, j] unless slope is null, then sums[j] += sum_i gradient[i, j].
  void (*chain)(float* gradient, const float* slope, int32_t rows, int32_t columns, float* sums);
  /// value[k] = scale exp(-(x / spacing - k)^2 / 2) for k < count and x > 0, and the derivative by x^2 unless slope is
  /// null.
  void (*radial_basis)(float x, float spacing, float scale, int32_t count, float* value, float* slope);
};

/// The widest that compiler, build and processor have.
const DenseKernels& best_dense_kernels();
/// Those of every instruction set that is there; plain ones are everywhere. nullptr beyond the last.
const DenseKernels* dense_kernels(int index);

}  // namespace genmatch
