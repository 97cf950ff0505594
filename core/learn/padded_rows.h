#pragma once
// Matrices as the loops of DenseKernels want them: single precision, rows filled up with zeros.
#include <cstdint>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// The least multiple of `unit` that is not below n.
int32_t padded(int64_t n, int32_t unit);
/// matrix [n, m] float32 -> [n, padded(m, unit)], row after row.
std::vector<float> padded_rows(const Tensor& matrix, int32_t unit);
/// The first `columns` numbers of each row -> [rows, columns].
Tensor unpadded_rows(const std::vector<float>& padded, int64_t rows, int64_t columns);

}  // namespace genmatch
